# Draws how the time of each command grows with the peers, from what `bundles` and `rows` print: SVG, for light and dark.
BEGIN {
    split("#3b82f6 #e8762d #16a34a #a855f7 #dc4c64 #0e9aa7 #9a7b1f #7c8594", colors, " ")
    width = 860; height = 520
    left = 70; right = 620; top = 30; bottom = 460
    decades = log(10 * many) / log(10)
    low = 1; high = 1
}

FNR == 1 { lab++ }

$1 ~ /^[0-9]+$/ { point($2, $1, $4) }
$2 == "wgup server" && $1 == "up" { point($2, 1, $4) }
$2 == "wgup server" && $1 == "peers" { point($2, many, $4) }

function point(name, size, time, key) {
    key = lab SUBSEP name
    if (!(key in series)) {
        series[key] = ++count
        label[count] = name (name ~ /^wgup/ ? lab == 1 ? ", wireguard-go" : ", Linux, emulated" : "")
    }
    key = series[key]
    time_at[key, size] = time
    if (size > last[key]) last[key] = size
    while (time < low) low /= 10
    while (time > high) high *= 10
}

function across(size) { return left + (right - left) * log(size) / log(10) / decades }
function up(time) { return bottom - (bottom - top) * log(time / low) / log(high / low) }

function text(x, y, anchor, words) {
    printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, words
}

END {
    printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n", width, height
    print "<title>Time of wgseal's commands by the number of peers</title>"
    print "<style>text { fill: #24292f } .grid { stroke: #8c959f; stroke-opacity: .35 } .line { fill: none; stroke-width: 2 }"
    print "@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } }</style>"
    for (size = 1; size <= 10 * many; size *= 10) {
        printf "<path class=\"grid\" d=\"M%.1f %dV%d\"/>\n", across(size), top, bottom
        text(across(size), bottom + 20, "middle", size)
    }
    text((left + right) / 2, bottom + 42, "middle", "peers of the network")
    for (time = low; time < 1.5 * high; time *= 10) {
        printf "<path class=\"grid\" d=\"M%d %.1fH%d\"/>\n", left, up(time), right
        text(left - 8, up(time) + 4, "end", time < 1000 ? time " ms" : time / 1000 " s")
    }
    # As steep as what takes time for each peer.
    steps = high / low < 10 * many ? high / low : 10 * many
    printf "<path class=\"grid\" stroke-dasharray=\"4 4\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", across(1), up(low), across(steps), up(low * steps)

    for (i = 1; i <= count; i++) {
        path = ""
        for (size = 1; size <= last[i]; size *= 10) {
            if (!((i, size) in time_at)) continue
            path = path sprintf("%s%.1f %.1f", path == "" ? "M" : "L", across(size), up(time_at[i, size]))
            printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", across(size), up(time_at[i, size]), colors[i]
        }
        printf "<path class=\"line\" stroke=\"%s\" d=\"%s\"/>\n", colors[i], path
        # By height, to be moved apart below.
        place[i] = up(time_at[i, last[i]]) + 4
        for (j = i; j > 1 && place[by_height[j - 1]] > place[i]; j--) by_height[j] = by_height[j - 1]
        by_height[j] = i
    }
    for (j = count; j >= 1; j--) {
        i = by_height[j]
        if (j < count && place[i] > below - 17) place[i] = below - 17
        below = place[i]
        printf "<path stroke=\"%s\" stroke-opacity=\".5\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", colors[i], across(last[i]) + 5, up(time_at[i, last[i]]), right + 15, place[i] - 4
        text(right + 20, place[i], "start", label[i])
    }
    print "</svg>"
}
