//! Clients that send slowly, or never finish what they send.

use std::time::Duration;

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::crash::SECRET;
use crate::server::{Server, click, within};

/// A connection whose request does not end.
async fn half_sent(server: &Server, number: usize) -> TcpStream {
    let address = server.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let sent = if number.is_multiple_of(2) {
        "GET /healthz HTTP/1.1\r\nHost: ".to_owned()
    } else {
        format!("POST /webhooks/stripe/x HTTP/1.1\r\nHost: {address}\r\nContent-Length: 1000\r\n\r\n{{")
    };
    stream.write_all(sent.as_bytes()).await.expect("it is sent");
    stream
}

async fn many_half_sent(server: &Server, number: usize) -> Vec<TcpStream> {
    let mut streams = Vec::new();
    for number in 0..number {
        streams.push(half_sent(server, number).await);
    }
    streams
}

#[tokio::test]
async fn more_half_sent_requests_than_the_soft_descriptor_limit_stop_nothing() {
    let mut server = Server::with_descriptors(1_024, 4_096).await;
    let program = server.api().await.program("Lumen", SECRET).await;
    let mut streams = many_half_sent(&server, 1_200).await;
    let answer = server.http.get(format!("{}/readyz", server.url)).send();
    let answer = within("the answer", Duration::from_secs(2), answer).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    within("the redirect", Duration::from_secs(2), click(&server.http, &program.link_url)).await;

    // Those that send no more are closed: first heads, then bodies.
    for (number, limit) in [(0, 20), (1, 35)] {
        let mut rest = Vec::new();
        let closed = streams[number].read_to_end(&mut rest);
        let _ = within("a half-sent request is closed", Duration::from_secs(limit), closed).await;
    }

    let mut late = many_half_sent(&server, 100).await;
    let asked = Instant::now();
    server.terminate().await;
    assert!(asked.elapsed() < Duration::from_secs(10), "it took {:?} to end", asked.elapsed());
    late.append(&mut streams);
}

#[tokio::test]
async fn the_server_runs_under_a_limit_that_it_cannot_raise() {
    // 128 connections: the others wait until heads that are not finished are closed.
    let server = Server::with_descriptors(256, 256).await;
    let _streams = many_half_sent(&server, 200).await;
    let answer = server.http.get(format!("{}/readyz", server.url)).send();
    let answer = within("the answer", Duration::from_secs(50), answer).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}
