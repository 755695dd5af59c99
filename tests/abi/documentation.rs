//! What is made of the headers and guides: man pages, and HTML without a dead link.

use crate::toolchain::{directory, headers, output, root};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn man_pages(name: &str) -> PathBuf {
    let pages = directory(name);
    let mut awk = Command::new("awk");
    awk.arg("-v").arg(format!("directory={}", pages.display())).args(["-v", "version=1.3.15", "-f"]);
    awk.arg(root().join("scripts/man_pages.awk"));
    for header in fs::read_dir(headers()).unwrap() {
        awk.arg(header.unwrap().path());
    }
    assert_eq!(output(&mut awk), "");
    fs::copy(root().join("man/libpaho-mqtt.3"), pages.join("libpaho-mqtt.3")).unwrap();
    pages
}

#[test]
fn each_documented_function_has_a_man_page() {
    let pages = man_pages("man_pages");
    for list in ["sync", "async"] {
        let exported = fs::read_to_string(root().join(format!("exports/{list}.symbols"))).unwrap();
        // Others are helpers that no header declares.
        for function in exported.lines().filter(|name| name.starts_with("MQTT")) {
            let page = fs::read_to_string(pages.join(format!("{function}.3"))).expect(function);
            for section in ["NAME", "SYNOPSIS", "DESCRIPTION"] {
                let text = page.split_once(&format!(".SH {section}\n")).expect(section).1;
                assert!(!text.starts_with(".SH"), "{function}: {section}");
            }
        }
    }
    let page = fs::read_to_string(pages.join("MQTTClient_publish.3")).unwrap();
    assert!(page.contains("\nMQTTClient_publish \\- Publishes a message\n"), "{page}");
    assert!(page.contains(".I retained\nnon\\-zero: the server retains the message"), "{page}");
    assert!(page.contains(".IP \\(bu 2\n\\-3 (MQTTCLIENT_DISCONNECTED): not connected\n"), "{page}");
}

#[test]
fn man_pages_are_shown_without_a_warning() {
    if !Path::new("/usr/bin/groff").exists() {
        eprintln!("\n*** NOT CHECKED: this system has no groff ***\n");
        return;
    }
    let pages = man_pages("man_pages_shown");
    for page in fs::read_dir(pages).unwrap() {
        let page = page.unwrap().path();
        let shown =
            Command::new("groff").args(["-t", "-man", "-ww", "-z", "-Tutf8"]).arg(&page).output().unwrap();
        let said = String::from_utf8_lossy(&shown.stderr);
        assert!(shown.status.success() && said.is_empty(), "{}: {said}", page.display());
    }
}

#[test]
fn no_link_in_the_html_is_dead() {
    if !Path::new("/usr/bin/doxygen").exists() {
        eprintln!("\n*** NOT CHECKED: this system has no Doxygen ***\n");
        return;
    }
    output(Command::new("make").arg("--directory").arg(root()).arg("docs").env_remove("MAKEFLAGS"));
    // A dead one is noticed.
    let html = root().join("build/docs/html");
    let check = |pages: &[&str]| {
        let mut awk = Command::new("awk");
        awk.current_dir(&html).arg("-f").arg(root().join("scripts/check_links.awk")).args(pages);
        awk.output().unwrap()
    };
    let without_list = check(&["index.html", "md_docs_tls.html"]);
    assert!(!without_list.status.success());
}
