import CommandSupport
import QRCode
import SystemIO

/// Shows text that a camera can read.
enum QRCodeOutput {
    /// Draws a QR code on standard output, in black and white if that is a terminal.
    static func print(_ text: String) throws {
        let output = StandardStream.output
        let columns = output.isTerminal ? Terminal.controlling()?.windowSize?.columns ?? 80 : nil
        let drawing: String
        do throws(QRCodeError) {
            drawing = try QRTerminalRenderer.draw(alphanumeric: text, columns: columns)
        } catch {
            throw CommandFailure(
                .cannotCreate,
                "\(error)",
                hint: "make the window wider, or send the bundle as text: --armor"
            )
        }
        try StandardStream.writeOutput(drawing)
    }
}
