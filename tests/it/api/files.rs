//! Files and texts for affiliates.

use axum::body::Body;
use axum::http::{Method, Request};
use domain::files::LARGEST_FILE;
use serde_json::{Value, json};

use super::{Answer, Client};
use crate::harness::World;

async fn upload(client: &Client, path: &str, content: Vec<u8>) -> Answer {
    let request = Request::builder().method(Method::PUT).uri(format!("/api/v1{path}"));
    let request = request.header("content-type", "application/octet-stream");
    client.send(request.body(Body::from(content)).expect("a request")).await
}

#[tokio::test]
async fn a_file_is_uploaded_replaced_downloaded_and_deleted() {
    let world = World::new().await;
    let client = Client::of(&world, &world.merchant, None).await;
    let program = format!("/programs/{}", world.program.id);
    let named = format!("{program}/resource-files/A%20guide.pdf");
    let first = upload(&client, &named, b"%PDF-1.7 first".to_vec()).await;
    let file = first.data().clone();
    assert_eq!(
        (&file["kind"], &file["title"], &file["text"]),
        (&json!("file"), &json!("A guide.pdf"), &Value::Null)
    );
    assert_eq!((&file["file"]["mediaType"], &file["file"]["size"]), (&json!("application/pdf"), &json!(14)));
    let second = upload(&client, &named, b"%PDF-1.7 second one".to_vec()).await;
    assert_eq!(second.id(), first.id());
    let path = format!("{program}/resources/{}", first.id());
    assert_eq!(client.get(&path).await.data(), second.data());
    let answer = client.get(&format!("{path}/file")).await;
    assert_eq!(answer.body, "%PDF-1.7 second one");
    assert_eq!(answer.headers["content-type"], "application/pdf");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    for (content, says) in [
        (b"<html>".to_vec(), "Upload a PNG"),
        (Vec::new(), "Choose a file"),
        (b"<svg/>".to_vec(), "SVG files"),
    ] {
        let refused = upload(&client, &named, content).await;
        assert_eq!(refused.pointers(), ["/file"]);
        assert!(refused.body["errors"][0]["message"].as_str().unwrap().starts_with(says), "{refused:?}");
    }
    let mut large = b"%PDF-1.7".to_vec();
    large.resize(usize::try_from(LARGEST_FILE).unwrap() + 1, 0);
    assert_eq!(upload(&client, &named, large).await.status, 413);
    assert_eq!(client.delete(&path).await.data(), second.data());
    assert_eq!(client.get(&path).await.code(), "not_found");
    assert_eq!(client.all(&format!("{program}/resources"), 5).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_text_is_added_and_replaced() {
    let world = World::new().await;
    let client = Client::of(&world, &world.merchant, None).await;
    let path = format!("/programs/{}/resources", world.program.id);
    let made = client.post(&path, json!({"title": "A post", "text": "Read {{link}}"})).await;
    assert_eq!((made.status, &made.data()["text"]), (201, &json!("Read {{link}}")));
    let again = client.post(&path, json!({"title": "A post", "text": "x"})).await;
    assert_eq!(again.pointers(), ["/title"]);
    let wrong = client.post(&path, json!({"title": "", "text": "{{name}}"})).await;
    assert_eq!(wrong.pointers(), ["/title", "/text"]);
    let one = format!("{path}/{}", made.id());
    let changed = client.put(&one, json!({"title": "A letter", "text": "{{code}}"})).await;
    assert_eq!(changed.data()["title"], "A letter");
    assert_eq!(client.get(&format!("{one}/file")).await.code(), "not_found");
    assert_eq!(client.all(&path, 1).await, [changed.data().clone()]);
}
