//! Hands that mean no good: other sites' pages, turned names, floods, and requests that never end.

use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

use crate::{http::Service, stage::Stage};

#[test]
fn other_sites_and_turned_names_are_refused() {
    let service = Service::new("origin");
    let with = |headers: &[(&str, &str)]| service.send("GET", "/api/servers/", &service.token, headers, "");
    with(&[]).is(200);
    with(&[("Host", "evil.example")]).is(421);
    with(&[("Host", "localhost"), ("Host", "evil.example")]).is(421);
    with(&[("Origin", "https://evil.example")]).is(403);
    with(&[("Origin", "null")]).is(403);
    let own = format!("http://{}", service.address);
    with(&[("Origin", &own)]).is(200);
    let upgrade = [
        ("Origin", "https://evil.example"),
        ("Upgrade", "websocket"),
        ("Connection", "Upgrade"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    service.send("GET", "/api/servers/console/x", &service.token, &upgrade, "").is(403);
    // Without a body that says it is JSON, a form of another site changes nothing.
    let form = "POST /api/schedules/pause HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n\
Origin: https://evil.example\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    service.raw(form).is(403);
}

#[test]
fn an_allowed_site_is_let_in() {
    let stage = Stage::new("cors");
    let config = stage.program.folder.path().join("my.toml");
    std::fs::write(
        &config,
        "[api]\norigins = [\"https://panel.example.org\"]\nhosts = [\"mc.example.org\"]\n",
    )
    .unwrap();
    let service = Service::on(stage, &["--config", config.to_str().unwrap()]);
    let headers = [("Origin", "https://panel.example.org"), ("Host", "mc.example.org")];
    let answer = service.send("GET", "/api/health", "", &headers, "").is(200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("https://panel.example.org"));
    let answer = service.send("OPTIONS", "/api/servers/", "", &headers, "").is(204);
    assert!(answer.header("access-control-allow-headers").unwrap().contains("authorization"));
    // SIGHUP takes it back.
    std::fs::write(&config, "").unwrap();
    service.going.signal("HUP");
    service.going.says("these hold now");
    service.send("GET", "/api/health", "", &headers, "").is(421);
}

#[test]
fn answers_keep_browsers_from_doing_more() {
    let service = Service::new("headers");
    for path in ["/api/health", "/api/docs", "/api/nothing", "/api/servers/"] {
        let answer = service.get(path);
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && !policy.contains("script"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    let page = service.get("/api/docs").is(200).body;
    assert!(
        page.contains("/api/servers/{id}") && !page.contains("<script") && !page.contains("http://"),
        "{page}"
    );
}

#[test]
fn guessing_and_floods_are_slowed_down() {
    let service = Service::new("flood");
    let mut last = 0;
    for _ in 0..100 {
        last = service.send("GET", "/api/servers/", "mcl_wrong", &[], "").status;
        if last == 429 {
            break;
        }
        assert_eq!(last, 401);
    }
    assert_eq!(last, 429, "guessing goes on and on");
    let answer = service.send("GET", "/api/servers/", "mcl_wrong", &[], "").is(429);
    assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    // What is right is let in all the same, and so is what everybody may ask.
    service.get("/api/servers/").is(200);
    service.send("GET", "/api/health", "", &[], "").is(200);
    let mut stream = service.connect();
    let mut sender = stream.try_clone().unwrap();
    let request = format!("GET /api/health HTTP/1.1\r\nHost: {}\r\n\r\n", service.address);
    let sending = std::thread::spawn(move || {
        for _ in 0..20_000 {
            if sender.write_all(request.as_bytes()).is_err() {
                break;
            }
        }
    });
    let (mut refused, mut buffer) = (false, vec![0; 65_536]);
    while !refused {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => refused = String::from_utf8_lossy(&buffer[..read]).contains(" 429 "),
        }
    }
    stream.shutdown(std::net::Shutdown::Both).unwrap();
    sending.join().unwrap();
    assert!(refused, "20000 requests at once were all answered");
}

#[test]
fn requests_that_never_end_are_given_up() {
    let service = Service::new("slow");
    let began = Instant::now();
    let mut slow = service.connect();
    slow.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    let mut idle = service.connect();
    for mut stream in [&mut slow, &mut idle] {
        let mut rest = Vec::new();
        let _ = Read::read_to_end(&mut stream, &mut rest);
    }
    let took = began.elapsed();
    assert!(took < Duration::from_secs(30), "{took:?}");
    let head = format!("GET /api/health HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    service.raw(&head).is(431);
    let many: String = (0..200).map(|n| format!("X-{n}: 1\r\n")).collect();
    service.raw(&format!("GET /api/health HTTP/1.1\r\nHost: localhost\r\n{many}\r\n")).is(431);
}

#[test]
fn one_address_cannot_take_every_connection() {
    let service = Service::new("many");
    let kept: Vec<_> = (0..400).map(|_| service.connect()).collect();
    let open = kept.iter().filter(|stream| {
        stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        // One that was closed has an end; one that is open has nothing yet.
        !matches!((&mut &**stream).read(&mut [0; 1]), Ok(0))
    });
    let open = open.count();
    assert!((200..=260).contains(&open), "{open} are open");
    drop(kept);
    crate::program::until("room again", || {
        let mut stream = service.connect();
        let request = format!(
            "GET /api/health HTTP/1.1
Host: {}
Connection: close

",
            service.address
        );
        let mut answer = String::new();
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_string(&mut answer);
        answer.contains("200 OK")
    });
}

#[test]
fn an_address_that_others_reach_is_refused_without_encryption() {
    let stage = Stage::new("plain");
    let ran = stage.program.run(&["serve", "--listen", "0.0.0.0:0"]).ends(2);
    assert!(ran.err.contains("--plain-http-beyond-this-machine"), "{ran:#?}");
    let going = stage.program.start(&["serve", "--listen", "0.0.0.0:0", "--plain-http-beyond-this-machine"]);
    going.says("the engine runs");
    going.signal("TERM");
    assert_eq!(going.ended().code, Some(0));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = stage.program.run(&["serve", "--listen", &address]).ends(4);
    assert!(ran.err.contains(&address), "{ran:#?}");
    let ran = stage.program.run(&["--serve-metrics", "127.0.0.1:0", "demo"]).ends(2);
    assert!(ran.err.contains("--serve-metrics"), "{ran:#?}");
}
