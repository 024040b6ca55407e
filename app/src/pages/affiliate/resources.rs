//! What an affiliate can promote a program with.

use engine::programs::resources::{self, ResourceRow};
use leptos::prelude::*;

use super::status::status_notice;
use crate::components::{Card, CardBody, EmptyState, Icon, PageHead, PlainCard, SiteShell};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::files::file_note;
use crate::request::access::Access;

/// The resources of a program, with the affiliate's own link in the texts.
#[component]
pub fn AffiliateResources() -> impl IntoView {
    page(resources_page())
}

async fn resources_page() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let rows = resources::own(&page.page.engine, &page.page.actor, &page.program.id).await?;
    page.title("Resources", false);
    let notice = status_notice(&page);
    let is_empty = rows.is_empty();
    let (files, texts): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.file.is_some());
    let files = (!files.is_empty()).then(|| files_card(&page, files));
    let texts = (!texts.is_empty()).then(|| texts_card(texts));
    let empty = is_empty.then(|| {
        let text = format!("Logos, banners and texts from {} appear here.", page.merchant_name);
        view! { <PlainCard><EmptyState title="No resources yet" text/></PlainCard> }
    });
    let lead = format!("Logos, banners and texts from {}. Your link is filled in.", page.merchant_name);
    let lead = if is_empty { String::new() } else { lead };
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Resources)>
            <PageHead title="Resources" lead/>
            {notice}
            {empty}
            {texts}
            {files}
        </SiteShell>
    }
    .into_any())
}

fn texts_card(rows: Vec<ResourceRow>) -> impl IntoView {
    let texts = rows.into_iter().map(|row| {
        let id = format!("text-{}", row.resource.id);
        let label = row.resource.title.clone();
        view! {
            <div class="resource-text">
                <h3>{row.resource.title}</h3>
                <div class="code-block">
                    <pre class="code wrapped" tabindex="0" role="group" aria-label=label>
                        <code id=id.clone()>{row.resource.text}</code>
                    </pre>
                    <button class="button" type="button" data-copy=id><Icon name="copy"/>"Copy"</button>
                </div>
            </div>
        }
    });
    let texts = texts.collect_view();
    view! { <Card id="texts" title="Texts"><CardBody><div class="stack">{texts}</div></CardBody></Card> }
}

fn files_card(page: &AffiliateProgramPage, rows: Vec<ResourceRow>) -> impl IntoView + use<> {
    let files = rows.into_iter().map(|row| {
        let href = page.routes().resource_file(&row.resource.id);
        let is_picture = row.file.as_ref().is_some_and(|file| file.file_type.is_picture());
        let preview = if is_picture {
            view! { <img src=href.clone() alt="" loading="lazy"/> }.into_any()
        } else {
            view! { <Icon name="file"/> }.into_any()
        };
        let note = row.file.as_ref().map(file_note).unwrap_or_default();
        let label = format!("Download {}", row.resource.title);
        view! {
            <li>
                <span class="picture">{preview}</span>
                <div class="stacked"><b>{row.resource.title}</b><small>{note}</small></div>
                <a class="button" href=href download="" aria-label=label><Icon name="download"/>"Download"</a>
            </li>
        }
    });
    let files = files.collect_view();
    view! {
        <Card id="files" title="Files">
            <CardBody><ul class="gallery" role="list">{files}</ul></CardBody>
        </Card>
    }
}
