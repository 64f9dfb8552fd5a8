//! Configurations behind `frontend fe_app`, and the files that they name.

/// Map and list files; `DIR` in a configuration is their folder.
pub(super) const FILES: [(&str, &str); 7] = [
    (
        "hosts.map",
        "# hosts\nwww.example.com be_a\nshop.example.com   be_b\nexample.com be_c\n\napi.example.org be_d\n",
    ),
    (
        "beg.map",
        "/ be_a\n/app be_b\n/api/v1 be_c\n/api be_d\n/static/ be_e\n",
    ),
    (
        "reg.map",
        "^/api/v[0-9]+/ be_c\n\\.(png|css)$ be_e\n^/shop be_b\n",
    ),
    ("sub.map", "cart be_b\nitems be_c\napp be_d\n"),
    (
        "nets.map",
        "192.0.2.0/24 be_a\n192.0.2.128/25 be_b\n10.0.0.0/8 be_c\n",
    ),
    ("paths.lst", "# paths\n/app\n  /shop/cart\n\n/health\n"),
    ("nets.lst", "192.0.2.0/24\n203.0.113.9\n"),
];

/// Name and text.
pub(super) const CONFIGS: [(&str, &str); 14] = [
    (
        "named ACLs, several lines of one name, negation",
        "    acl shop hdr(host) shop.example.com
    acl shop path_beg /shop
    acl www hdr(host) -i www.example.com
    acl write method POST PUT
    use_backend be_a if shop !write
    use_backend be_b if www write
    use_backend be_c if !shop !www
    default_backend be_d
backend be_a
backend be_b
backend be_c
backend be_d
",
    ),
    (
        "anonymous ACLs, or, unless",
        "    use_backend be_a if { path_beg /app } { hdr(host) -m beg www. } || { path_end .css }
    use_backend be_b unless { method GET } or { path -m reg ^/[a-z]+/ } or { src 192.0.2.0/24 }
    use_backend be_c if !{ hdr_dom(host) -i example.com } !{ path / }
backend be_a
backend be_b
backend be_c
",
    ),
    (
        "every match method on the path",
        "    use_backend be_dir if { path_dir app }
    use_backend be_dom if { path_dom php }
    use_backend be_sub if { path_sub -i PNG }
    use_backend be_end if { path_end -i .css .jpg }
    use_backend be_len if { path_len gt 12 }
    use_backend be_reg if { path_reg ^/api/v[0-9]{1,2}/ }
    use_backend be_str if { path /health /v1.2/x }
    default_backend be_old
backend be_dir
backend be_dom
backend be_sub
backend be_end
backend be_len
backend be_reg
backend be_str
backend be_old
",
    ),
    (
        "hosts with case, port and full stop",
        "    acl exact hdr(host) www.example.com
    acl lower hdr(host),lower,field(1,:) -m str www.example.com
    acl domain hdr_dom(host) -i example.com
    acl tail hdr_end(host) -i .org
    acl number hdr(host),port_only 80 8080
    use_backend be_exact if exact
    use_backend be_lower if lower
    use_backend be_number if number
    use_backend be_domain if domain
    use_backend be_tail if tail
backend be_exact
backend be_lower
backend be_number
backend be_domain
backend be_tail
",
    ),
    (
        "map of hosts, with and without default",
        "    http-request set-var(txn.host) req.hdr(host),lower,field(1,:),rtrim(.)
    use_backend %[var(txn.host),map(DIR/hosts.map)] if { var(txn.host),map(DIR/hosts.map) -m found }
    use_backend %[path,map_beg(DIR/beg.map,be_a)] if { method POST }
    default_backend be_e
backend be_a
backend be_b
backend be_c
backend be_d
backend be_e
",
    ),
    (
        "maps by prefix, expression, part and address",
        "    use_backend %[path,map_reg(DIR/reg.map)] if { path,map_reg(DIR/reg.map) -m found }
    use_backend %[src,map_ip(DIR/nets.map)] if { query -m sub id=7 } { src,map_ip(DIR/nets.map) -m found }
    use_backend %[path,lower,map_sub(DIR/sub.map)] if { path,lower,map_sub(DIR/sub.map) -m found }
    use_backend %[path,map_beg(DIR/beg.map)]
    default_backend be_x
backend be_a
backend be_b
backend be_c
backend be_d
backend be_e
backend be_x
",
    ),
    (
        "pattern files",
        "    acl known path_beg -i -f DIR/paths.lst
    acl exact path -f DIR/paths.lst /static/b.css
    acl inside src -f DIR/nets.lst
    use_backend be_exact if exact inside
    use_backend be_known if known || { hdr(x-stage) beta } !inside
    use_backend be_inside if inside
    default_backend be_old
backend be_exact
backend be_known
backend be_inside
backend be_old
",
    ),
    (
        "headers with several values, numbers, cookies",
        "    use_backend be_beta if { hdr(x-stage) beta }
    use_backend be_gamma if { req.hdr(x-stage,-1) -m str gamma }
    use_backend be_full if { req.fhdr(x-stage) -m sub eta, }
    use_backend be_many if { hdr_val(x-count) ge 10 }
    use_backend be_some if { hdr_cnt(x-count) 1 }
    use_backend be_cookie if { cook(user) -m int 10:20 } or { cook_beg(stage) be }
    use_backend be_ip if { hdr_ip(x-forwarded-for,1) 203.0.113.0/24 }
    use_backend be_empty if { req.hdr(x-empty) -m found }
    use_backend be_json if { hdr(accept) application/json }
    default_backend be_old
backend be_beta
backend be_gamma
backend be_full
backend be_many
backend be_some
backend be_cookie
backend be_ip
backend be_empty
backend be_json
backend be_old
",
    ),
    (
        "queries and parameters",
        "    use_backend be_seven if { urlp(id) 7 }
    use_backend be_number if { url_param(id) -m int gt 7 }
    use_backend be_lang if { urlp(lang) -m found } !{ urlp(lang) -i DE }
    use_backend be_debug if { query -m str debug }
    use_backend be_upper if { url_sub ID= }
    use_backend be_base if { base -m beg www.example.com/a }
    use_backend be_url if { url_end .php }
    use_backend be_any if { query -m found }
    default_backend be_old
backend be_seven
backend be_number
backend be_lang
backend be_debug
backend be_upper
backend be_base
backend be_url
backend be_any
backend be_old
",
    ),
    (
        "rewrites before the choice",
        "    http-request set-path /new%[path] if { path_beg /old }
    http-request replace-path ^/api/v([0-9]+)/(.*) /v\\1/\\2
    http-request set-header X-Stage live if { hdr(x-stage) -m found }
    http-request set-var(txn.first) path,field(2,/)
    http-request set-query id=7 if !{ query -m found } { method GET }
    use_backend be_new if { path_beg /new/ }
    use_backend be_v if { path_reg ^/v[0-9]+/ }
    use_backend be_live if { hdr(x-stage) live }
    use_backend be_var if { var(txn.first) -m str shop }
    use_backend be_seven if { urlp(id) 7 }
    default_backend be_old
backend be_new
backend be_v
backend be_live
backend be_var
backend be_seven
backend be_old
",
    ),
    (
        "answers of the frontend and of the backend",
        "    http-request deny if { path_beg /old }
    http-request return status 200 if { path /health }
    http-request redirect location /app if { path /App/x }
    http-request allow if { src 192.0.2.7 }
    http-request tarpit deny_status 429 if FALSE
    http-request deny deny_status 403 if { hdr_sub(user-agent) -i mobile }
    redirect prefix http://www.example.com if { hdr(host) example.com }
    use_backend be_a if METH_POST
    use_backend be_b if { path_beg /static /images }
    default_backend be_c
backend be_a
    http-request deny if { path_beg /shop }
backend be_b
    http-request deny unless { path_end .css }
backend be_c
",
    ),
    (
        "the order of rules, overlapping prefixes",
        "    use_backend be_short if { path_beg /api }
    use_backend be_long if { path_beg /api/v1 }
    use_backend be_none if { path_beg /shop } { hdr(host) nobody.example }
    use_backend be_shop if { path_beg /shop } TRUE
    use_backend be_get if HTTP_1.1 METH_GET
backend be_short
backend be_long
backend be_none
backend be_shop
backend be_get
",
    ),
    (
        "names built from the request",
        "    use_backend be_%[req.hdr(host),lower,field(1,.)] if { path_beg /app /shop /api }
    use_backend be_%[path,word(1,/)]
    default_backend be_old
backend be_www
backend be_shop
backend be_api
backend be_static
backend be_health
backend be_old
",
    ),
    (
        "flags mixed, ports and addresses, lengths",
        "    acl a path -i -m beg /APP --
    acl b src 203.0.113.9 10.0.0.0/8
    acl c dst_port 80
    acl d hdr_len(host) gt 15
    acl e hdr_reg(host) -i ^[a-z]+\\.example\\.(com|org)(:[0-9]+)?$
    acl f path,length lt 5
    use_backend be_a if a b or a d
    use_backend be_b if b !d e
    use_backend be_f if f c
    use_backend be_e if e
    use_backend be_d if d
    default_backend be_c
backend be_a
backend be_b
backend be_c
backend be_d
backend be_e
backend be_f
",
    ),
];
