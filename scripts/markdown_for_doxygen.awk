# Prepares a Markdown file for Doxygen: headings get the anchors that hosts of repositories give them, and links to headings
# lead there. Anchors are of the whole documentation, so the name of the file is part of them.
#
#   awk -f scripts/markdown_for_doxygen.awk docs/tls.md

function page(file) {
    sub(/.*\//, "", file)
    sub(/\.md$/, "", file)
    return file
}

# "What stays" becomes "what-stays".
function anchor(heading) {
    heading = tolower(heading)
    gsub(/[^a-z0-9 -]/, "", heading)
    gsub(/ /, "-", heading)
    return heading
}

# `](file.md#heading)` and `](#heading)` become `](#file-heading)`.
function links(line,    before, target, file) {
    before = ""
    while (match(line, /\]\([^):]*#[^)]*\)/)) {
        target = substr(line, RSTART + 2, RLENGTH - 3)
        file = target
        sub(/#.*/, "", file)
        sub(/.*#/, "", target)
        before = before substr(line, 1, RSTART - 1) "](#" page(file == "" ? FILENAME : file) "-" target ")"
        line = substr(line, RSTART + RLENGTH)
    }
    return before line
}

/^```/ { is_code = !is_code }

is_code || /^    / { print; next }

/^##+ / {
    text = $0
    sub(/^#+ /, "", text)
    print $0 " {#" page(FILENAME) "-" anchor(text) "}"
    next
}

{ print links($0) }
