//! Resources: files and texts that affiliates promote the program with.

mod remove;
mod text;

use domain::files::FilePurpose;
use domain::resources::MOST_RESOURCES;
use engine::programs::resources::{self, ResourceRow};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

pub use remove::{DeleteResource, delete_resource};
pub use text::{ResourceText, SaveResourceText, save_resource_text};

use crate::components::{Card, CardBody, Columns, Icon, MerchantShell, PageHead, Time, UploadForm};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::files::{accepted, file_note};
use crate::request::access::Access;

/// A program's resources.
#[component]
pub fn Resources() -> impl IntoView {
    page(resources_page())
}

async fn resources_page() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let rows = resources::list(engine, actor, program, "", MOST_RESOURCES).await?;
    page.title("Resources", false);
    let (files, texts): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.file.is_some());
    let files = files_card(&page, files);
    let texts = texts_card(&page, texts);
    let action = page.routes().upload_resource();
    let aside = view! {
        <Card id="upload" title="Upload a file">
            <CardBody>
                <UploadForm
                    action
                    label="File"
                    hint="PNG, JPEG, WebP, PDF or ZIP, up to 10 MB. A file with the same name is replaced"
                    accept=accepted(FilePurpose::Resource)
                    submit="Upload"
                />
            </CardBody>
        </Card>
    };
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Resources) crumbs=page.crumbs(&[], "Resources")>
            <PageHead
                title="Resources"
                lead="Files and texts that your active affiliates see on their side, with their own link filled in."
            />
            <Columns aside=aside.into_any()>{files}{texts}</Columns>
        </MerchantShell>
    }
    .into_any())
}

fn delete_form(page: &ProgramPage, row: &ResourceRow) -> impl IntoView + use<> {
    let label = format!("Delete {}", row.resource.title);
    let (program, id) = (page.program.id.to_string(), row.resource.id.to_string());
    view! {
        <form method="post" action=DeleteResource::PATH>
            <input type="hidden" name="program" value=program/>
            <input type="hidden" name="resource" value=id/>
            <button class="button quiet square" aria-label=label><Icon name="x"/></button>
        </form>
    }
}

fn files_card(page: &ProgramPage, rows: Vec<ResourceRow>) -> impl IntoView + use<> {
    let content = if rows.is_empty() {
        view! { <CardBody><p class="muted">"Logos, banners and documents that affiliates may use."</p></CardBody> }
            .into_any()
    } else {
        let rows = rows.into_iter().map(|row| {
            let href = page.routes().resource_file(&row.resource.id);
            let preview = row.file.as_ref().filter(|file| file.file_type.is_picture()).map(|_| {
                view! { <img class="thumb" src=href.clone() alt="" loading="lazy" width="56" height="40"/> }
            });
            let preview = match preview {
                Some(picture) => picture.into_any(),
                None => view! { <span class="thumb"><Icon name="file"/></span> }.into_any(),
            };
            let note = row.file.as_ref().map(file_note).unwrap_or_default();
            let added = page.zone.date(row.resource.updated_at);
            let delete = delete_form(page, &row);
            view! {
                <li>
                    {preview}
                    <div class="stacked">
                        <a href=href download="">{row.resource.title}</a>
                        <small>{note}", "<Time at=added/></small>
                    </div>
                    {delete}
                </li>
            }
        });
        view! { <ul class="resources" role="list">{rows.collect_view()}</ul> }.into_any()
    };
    view! { <Card id="files" title="Files">{content}</Card> }
}

fn texts_card(page: &ProgramPage, rows: Vec<ResourceRow>) -> impl IntoView + use<> {
    let content = if rows.is_empty() {
        view! {
            <CardBody>
                <p class="muted">
                    "Posts and mails to copy. Write {{link}} where the affiliate’s own link belongs, and {{code}} for its code."
                </p>
            </CardBody>
        }
        .into_any()
    } else {
        let rows = rows.into_iter().map(|row| {
            let href = page.routes().resource_text(Some(&row.resource.id));
            let delete = delete_form(page, &row);
            view! {
                <li>
                    <div class="stacked">
                        <a href=href>{row.resource.title}</a>
                        <small class="excerpt">{row.resource.text}</small>
                    </div>
                    {delete}
                </li>
            }
        });
        view! { <ul class="resources" role="list">{rows.collect_view()}</ul> }.into_any()
    };
    let aside = view! {
        <a class="button" href=page.routes().resource_text(None)><Icon name="plus"/>"Add a text"</a>
    };
    view! { <Card id="texts" title="Texts" aside=aside.into_any()>{content}</Card> }
}
