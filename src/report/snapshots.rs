//! The renderings of the example, whole.

use super::table::WIDTH;
use super::*;

#[test]
fn as_text() {
    let text = example::report().text(Paint(false));
    assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
    insta::assert_snapshot!(text, @r"
    app:1.2 (linux/amd64)
    1.83 GB → 412 MB compressed (-77 %)

                   before    after  change
      compressed  1.83 GB   412 MB   -77 %
      unpacked    4.10 GB  1.20 GB   -70 %
      visible     3.60 GB  1.19 GB   -66 %
      hidden       400 MB      0 B  -100 %
      files        45,210   20,101   -55 %
      layers            4        3   -25 %
      efficiency  90.00 %    100 %

    Layers, base layer first (compressed bytes)
      #   before    after  became                 instruction
      0  28.0 MB  28.0 MB  unchanged              ADD file:1 in /
      1   900 MB   300 MB  rewritten              RUN apt-get update && apt-get install -y --no-install…
      2   507 MB        -  merged into 1          RUN chmod +x /usr/local/bin/kubectl
      3   400 MB        -  dropped, nothing left  RUN rm -rf /root/.cache

    Removed by rules (unpacked bytes)
        bytes  paths   hidden  rule            from
      2.00 GB  1,234        -  pip-cache       built-in
       400 MB  1,234  9.00 kB  press material  slim.toml:12

    Largest removed
        bytes  rule            path
      1.00 GB  pip-cache       root/.cache/pip
       200 MB  press material  srv/press/a|b.pdf

    Hidden by upper layers: 400 MB in 2 files; 100 MB in layers that stay as they are
       bytes  layer  how               path
      300 MB      1  overwritten by 2  usr/local/bin/kubectl
      100 MB      1  deleted by 2      root/secret

    Kept although a rule asked
      paths  rule            because                    for example
          2  docs            protected: licence texts   usr/share/doc/a/copyright
          1  press material  slim.toml:20 srv/logo.pdf  srv/logo.pdf

    Packages that left: 2 packages, 3.00 MB
        bytes  package        version  rule         why
      2.00 MB  dpkg libisl23  12-1     build-tools  left over from `gcc`
      1.00 MB  dpkg gcc       12-1     build-tools  asked for

    Packages that stay although a rule asked
      package        rule         because
      dpkg libgomp1  build-tools  `libgomp1` stays: `/app/omp` needs `libgomp.so.1`

    Partial: 1 package stay listed without all of their files
      files gone     of  package
              20  1,800  dpkg tzdata

    Asked for, but in layers that stay as they are
      bytes  paths  rule  from
      700 B      3  docs  built-in

    1 warning
      would-grow: layer 0 would grow, so it stays as it is

    1 warning
      no-image: `x` is no image

    1 MB is 1,000,000 bytes. A report in JSON (--report FILE.json) lists every path.
    ");
}

#[test]
fn as_markdown() {
    insta::assert_snapshot!(example::report().markdown(), @r"
    ## app:1.2 (linux/amd64)

    **1.83 GB → 412 MB compressed (-77 %)**

    |  | before | after | change |
    |:--|--:|--:|--:|
    | compressed | 1.83 GB | 412 MB | -77 % |
    | unpacked | 4.10 GB | 1.20 GB | -70 % |
    | visible | 3.60 GB | 1.19 GB | -66 % |
    | hidden | 400 MB | 0 B | -100 % |
    | files | 45,210 | 20,101 | -55 % |
    | layers | 4 | 3 | -25 % |
    | efficiency | 90.00 % | 100 % |  |

    ### Layers, base layer first (compressed bytes)

    | # | before | after | became | instruction |
    |--:|--:|--:|:--|:--|
    | 0 | 28.0 MB | 28.0 MB | unchanged | `ADD file:1 in /` |
    | 1 | 900 MB | 300 MB | rewritten | `RUN apt-get update && apt-get install -y --no-install-recommends build-essential curl` |
    | 2 | 507 MB | - | merged into 1 | `RUN chmod +x /usr/local/bin/kubectl` |
    | 3 | 400 MB | - | dropped, nothing left | `RUN rm -rf /root/.cache` |

    ### Removed by rules (unpacked bytes)

    | bytes | paths | hidden | rule | from |
    |--:|--:|--:|:--|:--|
    | 2.00 GB | 1,234 | - | pip-cache | built-in |
    | 400 MB | 1,234 | 9.00 kB | press material | slim.toml:12 |

    <details><summary>Largest removed</summary>

    | bytes | rule | path |
    |--:|:--|:--|
    | 1.00 GB | pip-cache | `root/.cache/pip` |
    | 200 MB | press material | `srv/press/a\|b.pdf` |

    </details>

    <details><summary>Hidden by upper layers: 400 MB in 2 files; 100 MB in layers that stay as they are</summary>

    | bytes | layer | how | path |
    |--:|--:|:--|:--|
    | 300 MB | 1 | overwritten by 2 | `usr/local/bin/kubectl` |
    | 100 MB | 1 | deleted by 2 | `root/secret` |

    </details>

    <details><summary>Kept although a rule asked</summary>

    | paths | rule | because | for example |
    |--:|:--|:--|:--|
    | 2 | docs | protected: licence texts | `usr/share/doc/a/copyright` |
    | 1 | press material | slim.toml:20 srv/logo.pdf | `srv/logo.pdf` |

    </details>

    <details><summary>Packages that left: 2 packages, 3.00 MB</summary>

    | bytes | package | version | rule | why |
    |--:|:--|:--|:--|:--|
    | 2.00 MB | dpkg libisl23 | 12-1 | build-tools | left over from \`gcc\` |
    | 1.00 MB | dpkg gcc | 12-1 | build-tools | asked for |

    </details>

    <details><summary>Packages that stay although a rule asked</summary>

    | package | rule | because |
    |:--|:--|:--|
    | dpkg libgomp1 | build-tools | \`libgomp1\` stays: \`/app/omp\` needs \`libgomp.so.1\` |

    </details>

    <details><summary>Partial: 1 package stay listed without all of their files</summary>

    | files gone | of | package |
    |--:|--:|:--|
    | 20 | 1,800 | dpkg tzdata |

    </details>

    ### Asked for, but in layers that stay as they are

    | bytes | paths | rule | from |
    |--:|--:|:--|:--|
    | 700 B | 3 | docs | built-in |

    > **would-grow**: layer 0 would grow, so it stays as it is

    > **no-image**: \`x\` is no image

    1 MB is 1,000,000 bytes. A report in JSON (--report FILE.json) lists every path.
    ");
}

#[test]
fn as_json() {
    insta::assert_snapshot!(example::report().json(), @r#"
    {
      "schema": 1,
      "tool": {
        "name": "oci-slim",
        "version": "0.0.0"
      },
      "dry_run": false,
      "images": [
        {
          "platform": "linux/amd64",
          "name": "app:1.2",
          "source": {
            "digest": "sha256:aa",
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "size": 1234
          },
          "result": {
            "digest": "sha256:bb",
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "size": 1234
          },
          "before": {
            "compressed": 1834567890,
            "uncompressed": 4100000000,
            "visible": 3600000000,
            "wasted": 400000000,
            "efficiency": 0.9,
            "layers": 4,
            "files": 45210,
            "directories": 3000,
            "symlinks": 1200,
            "others": 1
          },
          "after": {
            "compressed": 412000000,
            "uncompressed": 1200000000,
            "visible": 1190000000,
            "wasted": 0,
            "efficiency": 1.0,
            "layers": 3,
            "files": 20101,
            "directories": 2000,
            "symlinks": 1100,
            "others": 1
          },
          "layers": [
            {
              "index": 0,
              "instruction": "/bin/sh -c #(nop) ADD file:1 in / ",
              "fate": "unchanged",
              "into": 0,
              "before": {
                "digest": "sha256:cc",
                "codec": "gzip",
                "compressed": 28000000,
                "uncompressed": 84000000
              },
              "after": {
                "digest": "sha256:cc",
                "codec": "gzip",
                "compressed": 28000000,
                "uncompressed": 84000000
              },
              "bytes": {
                "how": "reused"
              }
            },
            {
              "index": 1,
              "instruction": "RUN /bin/sh -c apt-get update && apt-get install -y --no-install-recommends build-essential curl # buildkit",
              "fate": "rewritten",
              "into": 1,
              "before": {
                "digest": "sha256:cc",
                "codec": "gzip",
                "compressed": 900000000,
                "uncompressed": 2700000000
              },
              "after": {
                "digest": "sha256:cc",
                "codec": "gzip",
                "compressed": 300000000,
                "uncompressed": 900000000
              },
              "bytes": {
                "how": "spliced",
                "copied": 299999000,
                "compressed": 1000
              }
            },
            {
              "index": 2,
              "instruction": "RUN chmod +x /usr/local/bin/kubectl",
              "fate": "merged",
              "into": 1,
              "before": {
                "digest": "sha256:cc",
                "codec": "gzip",
                "compressed": 506567890,
                "uncompressed": 1519703670
              },
              "after": null,
              "bytes": null
            },
            {
              "index": 3,
              "instruction": "RUN rm -rf /root/.cache",
              "fate": "dropped",
              "into": null,
              "before": {
                "digest": "sha256:cc",
                "codec": "gzip",
                "compressed": 400000000,
                "uncompressed": 1200000000
              },
              "after": null,
              "bytes": null
            }
          ],
          "rules": [
            {
              "name": "pip-cache",
              "origin": "built-in",
              "paths": 1234,
              "files": 1200,
              "bytes": 2000000000,
              "hidden_files": 0,
              "hidden_bytes": 0,
              "largest": [
                {
                  "path": "root/.cache/pip",
                  "bytes": 1000000000
                }
              ]
            },
            {
              "name": "press material",
              "origin": "slim.toml:12",
              "paths": 1234,
              "files": 1200,
              "bytes": 400000000,
              "hidden_files": 1,
              "hidden_bytes": 9000,
              "largest": [
                {
                  "path": "srv/press/a|b.pdf",
                  "bytes": 200000000
                }
              ]
            }
          ],
          "hidden": {
            "files": 2,
            "bytes": 400000000,
            "freed": 300000000,
            "paths": [
              {
                "path": "usr/local/bin/kubectl",
                "bytes": 300000000,
                "layer": 1,
                "by": 2,
                "how": "overwritten",
                "freed": true
              },
              {
                "path": "root/secret",
                "bytes": 100000000,
                "layer": 1,
                "by": 2,
                "how": "deleted",
                "freed": false
              }
            ]
          },
          "removed": [
            {
              "path": "srv/press/a|b.pdf",
              "type": "file",
              "bytes": 9000000,
              "rule": "press material",
              "origin": "slim.toml:12"
            }
          ],
          "edited": [
            {
              "path": "var/log/apt/term.log",
              "rule": "logs",
              "origin": "built-in",
              "before": 81,
              "after": 0
            }
          ],
          "kept": [
            {
              "path": "usr/share/doc/a/copyright",
              "rule": "docs",
              "origin": "built-in",
              "because": "protected: licence texts"
            },
            {
              "path": "usr/share/doc/b/copyright",
              "rule": "docs",
              "origin": "built-in",
              "because": "protected: licence texts"
            },
            {
              "path": "srv/logo.pdf",
              "rule": "press material",
              "origin": "built-in",
              "because": "slim.toml:20 srv/logo.pdf"
            }
          ],
          "packages": {
            "removed": [
              {
                "manager": "dpkg",
                "name": "gcc",
                "version": "12-1",
                "architecture": "amd64",
                "rule": "build-tools",
                "why": "asked for",
                "files": 20,
                "bytes": 1000000,
                "purl": "pkg:deb/debian/gcc@12-1?arch=amd64"
              },
              {
                "manager": "dpkg",
                "name": "libisl23",
                "version": "12-1",
                "architecture": "amd64",
                "rule": "build-tools",
                "why": "left over from `gcc`",
                "files": 20,
                "bytes": 2000000,
                "purl": "pkg:deb/debian/libisl23@12-1?arch=amd64"
              }
            ],
            "kept": [
              {
                "manager": "dpkg",
                "name": "libgomp1",
                "rule": "build-tools",
                "because": [
                  "`libgomp1` stays: `/app/omp` needs `libgomp.so.1`"
                ]
              }
            ],
            "partial": [
              {
                "manager": "dpkg",
                "name": "tzdata",
                "removed": 20,
                "of": 1800
              }
            ]
          },
          "clamped": 0,
          "withdrawn": [
            {
              "rule": "docs",
              "origin": "built-in",
              "paths": 3,
              "bytes": 700
            }
          ],
          "findings": [],
          "warnings": [
            {
              "code": "would-grow",
              "text": "layer 0 would grow, so it stays as it is"
            }
          ]
        }
      ],
      "total": {
        "before": {
          "compressed": 1834567890,
          "uncompressed": 4100000000,
          "visible": 3600000000,
          "wasted": 400000000,
          "efficiency": 0.9,
          "layers": 4,
          "files": 45210,
          "directories": 3000,
          "symlinks": 1200,
          "others": 1
        },
        "after": {
          "compressed": 412000000,
          "uncompressed": 1200000000,
          "visible": 1190000000,
          "wasted": 0,
          "efficiency": 1.0,
          "layers": 3,
          "files": 20101,
          "directories": 2000,
          "symlinks": 1100,
          "others": 1
        }
      },
      "warnings": [
        {
          "code": "no-image",
          "text": "`x` is no image"
        }
      ],
      "missed_limits": []
    }
    "#);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = example::report().text(Paint(false));
    let mut coloured = example::report().text(Paint(true));
    for code in ["\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[0m"] {
        assert!(coloured.contains(code), "{code:?}");
        coloured = coloured.replace(code, "");
    }
    assert_eq!(coloured, plain);
}
