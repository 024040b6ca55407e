//! The baseline: an axum handler that redirects and does nothing else.

use axum::Router;
use axum::http::{StatusCode, header};
use axum::routing::get;

/// Serves on a free port, and prints the address.
pub async fn serve() -> anyhow::Result<()> {
    let app = Router::new().route(
        "/bare",
        get(|| async { (StatusCode::FOUND, [(header::LOCATION, "https://example.com/?hg_click=none")]) }),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
