# Makes a man page for each function of a header: DIRECTORY/NAME.3.
#
#   awk -v directory=dist/man/man3 -v version=1.3.15 -f scripts/man_pages.awk include/MQTTClient.h
#
# A function is a comment from "/**" on and the declaration that follows it, with LIBMQTT_API in front.

function escape(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    if (text ~ /^[.']/)
        text = "\\&" text
    return text
}

# The section that a line of the comment belongs to.
function put(section, text) {
    sections[section] = sections[section] text "\n"
}

function comment_line(line) {
    sub(/^ *\* ?/, "", line)
    if (line ~ /^@param /) {
        sub(/^@param (\[[a-z,]*\] )?/, "", line)
        name = line
        sub(/ .*/, "", name)
        sub(/^[^ ]+ */, "", line)
        section = "PARAMETERS"
        put(section, ".TP\n.I " name "\n" escape(line))
    } else if (line ~ /^@return/) {
        sub(/^@return */, "", line)
        section = "RETURN VALUE"
        if (line != "")
            put(section, escape(line))
    } else if (line ~ /^@note/) {
        sub(/^@note */, "", line)
        section = "NOTES"
        put(section, escape(line))
    } else if (line ~ /^ *- /) {
        sub(/^ *- /, "", line)
        put(section, ".IP \\(bu 2\n" escape(line))
    } else if (line ~ /^ *$/)
        put(section, ".PP")
    else {
        sub(/^ +/, "", line)
        put(section, escape(line))
    }
}

function first_sentence(text) {
    gsub(/\n/, " ", text)
    sub(/^\.PP */, "", text)
    if (match(text, /\. /))
        text = substr(text, 1, RSTART - 1)
    sub(/\. *$/, "", text)
    sub(/ *\.PP.*/, "", text)
    return text
}

function print_section(title, file) {
    if (title in sections && sections[title] ~ /[^\n]/) {
        gsub(/(\.PP\n)+$/, "", sections[title])
        printf ".SH %s\n%s", title, sections[title] > file
    }
}

function page(declaration,    name, file, asynchronous, shared, libraries) {
    name = declaration
    sub(/\(.*/, "", name)
    sub(/.*[ *]/, "", name)
    file = directory "/" name ".3"
    asynchronous = header ~ /Async/
    shared = header !~ /MQTT(Client|Async)(Ext)?\.h/
    libraries = asynchronous ? "paho\\-mqtt3a" : "paho\\-mqtt3c"
    printf ".\\\" Made from %s.\n.TH %s 3 \"\" \"libpaho\\-mqtt %s\" \"MQTT client libraries\"\n", header, name, version > file
    printf ".SH NAME\n%s \\- %s\n", name, first_sentence(sections["DESCRIPTION"]) > file
    if (shared)
        printf ".SH LIBRARY\nAll of paho\\-mqtt3c, paho\\-mqtt3cs, paho\\-mqtt3a and paho\\-mqtt3as\n" > file
    else
        printf ".SH LIBRARY\n.RI \\-l %s \", with TLS \" \\-l %ss\n", libraries, libraries > file
    # A long declaration has a line for each parameter.
    if (length(declaration) > 70) {
        sub(/\(/, "(\n    ", declaration)
        gsub(/, /, ",\n    ", declaration)
    }
    declaration = escape(declaration)
    gsub(/\n/, "\"\n.B \"", declaration)
    printf ".SH SYNOPSIS\n.nf\n.B #include <%s>\n.PP\n.B \"%s\"\n.fi\n", header, declaration > file
    print_section("DESCRIPTION", file)
    print_section("PARAMETERS", file)
    print_section("RETURN VALUE", file)
    print_section("NOTES", file)
    printf ".SH SEE ALSO\n.BR libpaho\\-mqtt (3)\n" > file
    close(file)
}

FNR == 1 {
    header = FILENAME
    sub(/.*\//, "", header)
}

/^\/\*\*/ {
    split("", sections)
    section = "DESCRIPTION"
    is_comment = 1
    next
}

is_comment && /\*\// {
    is_comment = 0
    next
}

is_comment {
    comment_line($0)
    next
}

/^LIBMQTT_API/ {
    declaration = $0
    while (declaration !~ /;/ && (getline next_line) > 0)
        declaration = declaration " " next_line
    sub(/^LIBMQTT_API /, "", declaration)
    gsub(/  +/, " ", declaration)
    page(declaration)
}
