@main
struct Wgup {
    static func main() {}
}
