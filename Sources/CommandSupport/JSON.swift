/// A value of JSON (RFC 8259), with the members of an object in the order given.
package indirect enum JSON: Sendable {
    case null
    case bool(Bool)
    case number(UInt64)
    case string(String)
    case array([JSON])
    case object(KeyValuePairs<String, JSON>)

    /// A string, or null.
    package static func optional(_ value: (some CustomStringConvertible)?) -> JSON {
        value.map { .string($0.description) } ?? .null
    }

    /// An array of strings.
    package static func strings(_ values: [some CustomStringConvertible]) -> JSON {
        .array(values.map { .string($0.description) })
    }

    /// The text, indented by two spaces a level, with a line feed at the end.
    package var text: String {
        var output = ""
        write(to: &output, indentation: "\n")
        return output + "\n"
    }

    private func write(to output: inout String, indentation: String) {
        switch self {
        case .null: output += "null"
        case .bool(let value): output += value ? "true" : "false"
        case .number(let value): output += String(value)
        case .string(let value): Self.write(value, to: &output)
        case .array(let values):
            Self.write("[", "]", values.count, to: &output, indentation: indentation) { output, index, indentation in
                values[index].write(to: &output, indentation: indentation)
            }
        case .object(let members):
            Self.write("{", "}", members.count, to: &output, indentation: indentation) { output, index, indentation in
                Self.write(members[index].key, to: &output)
                output += ": "
                members[index].value.write(to: &output, indentation: indentation)
            }
        }
    }

    private static func write(
        _ open: String,
        _ close: String,
        _ count: Int,
        to output: inout String,
        indentation: String,
        element: (inout String, Int, String) -> Void
    ) {
        output += open
        for index in 0..<count {
            output += index == 0 ? "" : ","
            output += indentation + "  "
            element(&output, index, indentation + "  ")
        }
        output += count == 0 ? close : indentation + close
    }

    private static func write(_ string: String, to output: inout String) {
        output += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\u{0}"..<" ", "\u{7f}":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
