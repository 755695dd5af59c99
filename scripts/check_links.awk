# Fails if a link in HTML files leads to a file or an anchor that is not there.
#
#   cd build/docs/html && find . -type f | awk -f check_links.awk - *.html

function report(text) {
    print text
    bad = 1
}

# The list of all files.
FILENAME == "-" {
    sub(/^\.\//, "")
    exists[$0] = 1
    next
}

{
    line = $0
    while (match(line, /(id|name)="[^"]*"/)) {
        name = substr(line, RSTART, RLENGTH)
        sub(/^[a-z]*="/, "", name)
        sub(/"$/, "", name)
        anchors[FILENAME "#" name] = 1
        line = substr(line, RSTART + RLENGTH)
    }
    line = $0
    while (match(line, /(href|src)="[^"]*"/)) {
        target = substr(line, RSTART, RLENGTH)
        sub(/^[a-z]*="/, "", target)
        sub(/"$/, "", target)
        line = substr(line, RSTART + RLENGTH)
        if (target !~ /^[a-z]*:/)
            links[target "\t" FILENAME] = 1
    }
}

END {
    for (link in links) {
        split(link, parts, "\t")
        target = parts[1]
        file = target
        sub(/#.*/, "", file)
        if (file == "")
            file = parts[2]
        count++
        if (!(file in exists))
            report(parts[2] ": " target " does not exist")
        else if (target ~ /#./ && file ~ /html$/) {
            fragment = target
            sub(/^[^#]*#/, "", fragment)
            # Doxygen links to members of structures without a name, but gives them no anchor.
            is_member = file ~ /^struct/ && fragment ~ /^[a-z][0-9a-f]+$/
            if (!is_member && !((file "#" fragment) in anchors))
                report(parts[2] ": " target " has no such anchor")
        }
    }
    if (count < 100)
        report("only " count " links were found")
    exit bad
}
