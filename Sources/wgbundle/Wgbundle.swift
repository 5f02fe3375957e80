@main
struct Wgbundle {
    static func main() {}
}
