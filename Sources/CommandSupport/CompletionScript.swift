/// The script for a shell, which comes from the argument parser, with what it lacks.
enum CompletionScript {
    /// Mends the script of one shell; those of the others have other lines.
    static func mended(_ script: String) -> String {
        let script = changes.reduce(script) { $0.replacing($1.from, with: $1.to) }
        guard script.hasPrefix("#compdef") else { return script }
        // zsh takes --option=value only where an equals sign says so, as in '--network=[…]:network:…' and
        // {--output=,-o}'[…]:file:…'. A backslash stands before a bracket of the text.
        let option = /(?<name>--[a-z-]+)(?<alias>,-[a-z]\}')?(?<text>\[(?:\\.|[^\\\]\n])*\]:)/
        return script.replacing(option) { "\($0.name)=\($0.alias ?? "")\($0.text)" }
    }

    private static let changes: [(from: String, to: String)] = [
        // In bash, only a file's name is one: a subcommand is not the directory here that is called like it.
        ("complete -o filenames -F", "complete -F"),
        (
            "    local completion\n",
            "    [[ ${1} == -W ]] || compopt -o filenames 2>/dev/null\n    local completion\n"
        ),
        // bash makes three words of --option=value.
        (
            "    local -r prev=\"${3}\"\n",
            "    local prev=\"${3}\"\n"
                + "    [[ ${prev} == '=' ]] && prev=\"${COMP_WORDS[COMP_CWORD - 2]}\"\n"
        ),
        // What the program is asked may go wrong, as where the line has a path that is not expanded yet, but whoever types
        // has not asked it anything.
        ("\"${COMP_WORDS[0]}\" \"${@}\" \"${words[@]}\"", "\"${COMP_WORDS[0]}\" \"${@}\" \"${words[@]}\" 2>/dev/null"),
        (
            "\"${command_name}\" \"${@}\" \"${command_line[@]}\"",
            "\"${command_name}\" \"${@}\" \"${command_line[@]}\" 2>/dev/null"
        ),
        // A recipient may be a name or a file, and the parser knows no such kind.
        (
            "__wgbundle_add_completions -W \"$(__wgbundle_custom_complete ---completion seal -- --to ",
            "__wgbundle_add_completions -f\n"
                + "        __wgbundle_add_completions -W \"$(__wgbundle_custom_complete ---completion seal -- --to "
        ),
        (
            "{__wgbundle_custom_complete ---completion seal -- --to ",
            "{_files;__wgbundle_custom_complete ---completion seal -- --to "
        ),
        (
            "-rfka '(__wgbundle_custom_completion ---completion seal -- --to ",
            "-rFka '(__wgbundle_custom_completion ---completion seal -- --to "
        ),
    ]
}
