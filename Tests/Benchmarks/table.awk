# Makes the tables of what `bundles` and `rows` print, the host's first.
BEGIN {
    split("up start peers unchanged down sealed processor memory", order, " ")
    title["up"] = "bring-up, one peer"
    title["start"] = "start-up"
    title["peers"] = "bring-up, " many " peers"
    title["unchanged"] = "the same again, " many " peers"
    title["down"] = "teardown, " many / 10 " peers"
    title["sealed"] = "bundles, " many
    title["processor"] = "the same, time of all processors together"
    title["memory"] = "resident, " many " peers"
    bar[1, "up", "wg-quick up"] = 1 / 4
    bar[2, "up", "wg-quick up"] = 1 / 15
    bar[2, "up", "C"] = 3
    bar[1, "start", "age-keygen -y"] = 1.5
    bar[2, "peers", "wg setconf"] = 0.85
    bar[2, "unchanged", "wg syncconf"] = 0.3
    bar[2, "down", "wg-quick down"] = bar[2, "down", "ip link del"] = 1 / 100
    bar[1, "processor", "C"] = 1 / 0.9
    bar[1, "memory", "wgup server, RSS"] = bar[2, "memory", "wgup server, RSS"] = 16
}

FNR == 1 { lab++ }

# What a command says beside the measurements.
NF < 3 { next }

$1 ~ /^[0-9]+$/ { grow($2, $1, $4); next }

{ put($1, $2) }

$1 == "memory" { put_memory($2, $3); next }

{
    put_time($1, $2, $4, sprintf("%8.1f (%.1f-%.1f)", $4, $3, $5))
    if ($2 == "wgup server" && $1 == "up") grow($2, 1, $4)
    if ($2 == "wgup server" && $1 == "peers") grow($2, many, $4)
}

$1 == "sealed" {
    put("processor", $2)
    put_time("processor", $2, $6, sprintf("%8.1f", $6))
    put("memory", $2)
    put_memory($2, $7)
}

function put(row_, name_) {
    if ((row_, name_) in seen) return
    seen[row_, name_] = ++count
    row[count] = row_
    name[count] = name_
}

function put_time(row_, name_, time, text) {
    value[lab, row_, name_] = text
    if (!((lab, row_) in ours)) ours[lab, row_] = time
    else ratio[lab, row_, name_] = ours[lab, row_] / time
}

function put_memory(name_, kilobytes) {
    value[lab, "memory", name_] = sprintf("%8.1f MB", kilobytes / 1024)
    ratio[lab, "memory", name_] = kilobytes / 1024
}

function grow(name_, size, time) {
    if (!((lab, name_) in grown)) {
        grown[lab, name_] = ++line_count
        line[line_count] = (lab == 1 ? "host: " : "emulated: ") name_
    }
    time_at[grown[lab, name_], size] = time
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
            text = sprintf("  %-30s%s  %s", name[i], cell(1, i), cell(2, i))
            sub(/ +$/, "", text)
            print text
        }
    }
    printf "\n%-36s", "growth with the peers"
    for (size = 1; size <= 10 * many; size *= 10) printf "%10d", size
    print ""
    for (i = 1; i <= line_count; i++) {
        printf "  %-34s", line[i]
        for (size = 1; size <= 10 * many; size *= 10) printf "%10s", (i, size) in time_at ? sprintf("%.1f", time_at[i, size]) : ""
        print ""
    }
    print ""
    print "Milliseconds: median (minimum-maximum). A ratio is that of the first program of the row to this one."
    print "Emulation makes the start of a program some 10 times slower or more, and waiting not at all. Compare within a"
    print "column, and read both."
}
