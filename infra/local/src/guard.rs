//! What a port answers: requests of programs on this machine that name it as it is, and from browsers only those of the
//! page. A page of somebody else could otherwise reach it under a name that leads here, or in the background.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};

/// The names of this machine that never lead elsewhere.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Returns the origins of the page on a port.
pub(crate) fn origins(page: u16) -> Vec<String> {
    LOOPBACK.iter().map(|name| format!("http://{name}:{page}")).collect()
}

/// Returns the router, for requests that name the port as one of this machine, and have no origin or one of these.
pub(crate) fn guarded(router: Router, port: u16, origins: Vec<String>) -> Router {
    let hosts = LOOPBACK.iter().map(|name| format!("{name}:{port}")).collect();
    router.layer(from_fn_with_state(Arc::new(Guard { hosts, origins }), answer))
}

struct Guard {
    hosts: Vec<String>,
    origins: Vec<String>,
}

async fn answer(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !only(headers, header::HOST, &guard.hosts).unwrap_or(false) {
        return refuse("This port is asked as 127.0.0.1 or localhost, and under no other name.\n");
    }
    if !only(headers, header::ORIGIN, &guard.origins).unwrap_or(true) {
        return refuse("Only Rollbook's own page may ask this port from a browser.\n");
    }
    next.run(request).await
}

/// Returns whether every value of the header is one of these; `None` where there is none.
fn only(headers: &HeaderMap, name: header::HeaderName, allowed: &[String]) -> Option<bool> {
    let is_allowed = |value: &header::HeaderValue| {
        value.to_str().is_ok_and(|value| allowed.iter().any(|one| one.eq_ignore_ascii_case(value)))
    };
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    Some(values.all(is_allowed))
}

fn refuse(why: &'static str) -> Response {
    (StatusCode::FORBIDDEN, why).into_response()
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// The status of the answer to a request with these lines.
    async fn status(lines: impl Fn(u16) -> Vec<String>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("its address");
        let router = guarded(Router::new().route("/", get(async || "here")), address.port(), origins(7));
        tokio::spawn(axum::serve(listener, router).into_future());
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let lines = lines(address.port()).iter().map(|line| format!("{line}\r\n")).collect::<String>();
        let request = format!("GET / HTTP/1.1\r\nConnection: close\r\n{lines}\r\n");
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    }

    #[tokio::test]
    async fn only_a_name_of_this_machine_with_the_port_is_answered() {
        for name in ["127.0.0.1", "localhost", "LocalHost", "[::1]"] {
            assert_eq!(status(|port| vec![format!("Host: {name}:{port}")]).await, "200", "{name}");
        }
        for host in ["attacker.example", "127.0.0.1.attacker.example", "0.0.0.0", "127.0.0.2", ""] {
            assert_eq!(status(|port| vec![format!("Host: {host}:{port}")]).await, "403", "{host}");
        }
        assert_eq!(status(|_| vec!["Host: 127.0.0.1".to_owned()]).await, "403");
        assert_eq!(status(|_| vec!["Host: 127.0.0.1:7".to_owned()]).await, "403");
        let twice = |port| vec![format!("Host: 127.0.0.1:{port}"), "Host: attacker.example".to_owned()];
        assert_ne!(status(twice).await, "200");
        assert_ne!(status(|_| Vec::new()).await, "200");
    }

    #[tokio::test]
    async fn only_the_page_is_answered_in_a_browser() {
        let with = async |origin: &str| {
            status(|port| vec![format!("Host: 127.0.0.1:{port}"), format!("Origin: {origin}")]).await
        };
        assert_eq!(with("http://127.0.0.1:7").await, "200");
        assert_eq!(with("http://localhost:7").await, "200");
        for origin in
            ["http://attacker.example", "null", "http://127.0.0.1:8", "https://127.0.0.1:7", "http://127.0.0.1"]
        {
            assert_eq!(with(origin).await, "403", "{origin}");
        }
    }
}
