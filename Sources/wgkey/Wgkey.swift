@main
struct Wgkey {
    static func main() {}
}
