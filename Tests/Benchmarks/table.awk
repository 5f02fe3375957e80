# Makes the table of what `rows` prints in the two labs, the host's first.
BEGIN {
    split("up start peers unchanged memory down", order, " ")
    title["up"] = "bring-up, one peer"
    title["start"] = "start-up"
    title["peers"] = "bring-up, " many " peers"
    title["unchanged"] = "the same again, " many " peers"
    title["memory"] = "resident, " many " peers"
    title["down"] = "teardown, " many / 10 " peers"
    bar[1, "up", "wg-quick up"] = 1 / 4
    bar[2, "up", "wg-quick up"] = 1 / 15
    bar[2, "up", "C"] = 3
    bar[1, "start", "age-keygen -y"] = 1.5
    bar[2, "peers", "wg setconf"] = 0.85
    bar[2, "unchanged", "wg syncconf"] = 0.3
    bar[2, "down", "wg-quick down"] = bar[2, "down", "ip link del"] = 1 / 100
    bar[1, "memory", "wgup server, RSS"] = bar[2, "memory", "wgup server, RSS"] = 16
}

FNR == 1 { lab++ }

# What a command says beside the measurements.
NF < 3 { next }

!(($1, $2) in seen) {
    seen[$1, $2] = ++count
    row[count] = $1
    name[count] = $2
}

$1 == "memory" {
    value[lab, $1, $2] = sprintf("%8.1f MB", $3 / 1024)
    ratio[lab, $1, $2] = $3 / 1024
    next
}

{
    value[lab, $1, $2] = sprintf("%8.1f (%.1f-%.1f)", $4, $3, $5)
    if (!((lab, $1) in ours)) ours[lab, $1] = $4
    else ratio[lab, $1, $2] = ours[lab, $1] / $4
}

function cell(lab, index_, key, text) {
    key = lab SUBSEP row[index_] SUBSEP name[index_]
    text = sprintf("%-28s", value[key])
    if (row[index_] == "memory") text = text sprintf("%-7s", "")
    else text = text sprintf("%-7s", (key in ratio) ? sprintf("%.3f", ratio[key]) : "")
    return text sprintf("%-9s", (key in bar) ? sprintf("%s%.3g", ratio[key] <= bar[key] ? "<= " : "NOT <= ", bar[key]) : "")
}

END {
    printf "%-32s%-28s%-7s%-11s%-28s%-7s%s\n", "", "host: wireguard-go", "ratio", "bar", "emulated: Linux", "ratio", "bar"
    for (place = 1; place in order; place++) {
        print title[order[place]]
        for (i = 1; i <= count; i++) {
            if (row[i] != order[place]) continue
            line = sprintf("  %-30s%s  %s", name[i], cell(1, i), cell(2, i))
            sub(/ +$/, "", line)
            print line
        }
    }
    print ""
    print "Milliseconds: median (minimum-maximum). A ratio is that of the first program of the row to this one."
    print "Emulation makes the start of a program some 10 times slower or more, and waiting not at all. Compare within a"
    print "column, and read both."
}
