//! What the demo's first program gives its affiliates: a logo, banners, texts and a guide.

use domain::files::FilePurpose;
use domain::ids::ProgramId;
use domain::resources::{ResourceTitle, Template, TextDraft};
use engine::Engine;
use engine::identity::sessions::MerchantActor;
use engine::programs::files::Upload;
use engine::programs::{logos, resources};
use png::{BitDepth, ColorType, Encoder};

/// The program's accent color, and a paper to write on.
const INK: [u8; 3] = [0x17, 0x60, 0x5a];
const PAPER: [u8; 3] = [0xf4, 0xf8, 0xf6];

/// Title and text.
const TEXTS: [(&str, &str); 3] = [
    ("A short post", "I plan my week on paper and in Lumen Notes. If you think in writing, try it: {{link}}"),
    (
        "A paragraph for a newsletter",
        "A notebook that keeps up with you: Lumen Notes takes handwriting, typing and photographs of pages, and finds \
         all of it again. I have used it for every issue of this letter.\n\nTake a look: {{link}}",
    ),
    ("The end of a video", "The link is below: {{link}}\nOr remember the name: {{code}}"),
];

/// Uploads them as the owner would.
pub async fn add(engine: &Engine, actor: &MerchantActor, program: &ProgramId) -> anyhow::Result<()> {
    let logo = receive(engine, actor, program, FilePurpose::Logo, "lumen.png", &picture(64, 64)?).await?;
    logos::put(engine, actor, program, logo).await?;
    for (name, content) in [
        ("Lumen Notes banner 728×90.png", picture(728, 90)?),
        ("Lumen Notes square 600×600.png", picture(600, 600)?),
        ("How we talk about Lumen Notes.pdf", GUIDE.to_vec()),
    ] {
        let file = receive(engine, actor, program, FilePurpose::Resource, name, &content).await?;
        resources::put_file(engine, actor, program, file).await?;
    }
    for (title, text) in TEXTS {
        let draft = TextDraft {
            title: ResourceTitle::parse(title).map_err(anyhow::Error::msg)?,
            text: Template::parse(text).map_err(anyhow::Error::msg)?,
        };
        resources::add_text(engine, actor, program, &draft).await?;
    }
    Ok(())
}

async fn receive(
    engine: &Engine,
    actor: &MerchantActor,
    program: &ProgramId,
    purpose: FilePurpose,
    name: &str,
    content: &[u8],
) -> anyhow::Result<Upload> {
    let mut upload = Upload::begin(engine, actor, program, purpose, name).await?;
    upload.write(content).await?;
    Ok(upload)
}

/// A page of a notebook: lines on paper, with a margin in the accent color.
fn picture(width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
    let side = width.min(height);
    let (margin, line) = (side / 4, (side / 8).max(6));
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let is_ink = x < margin || (y % line == line / 2 && x > margin + line && x + line < width);
            pixels.extend(if is_ink { INK } else { PAPER });
        }
    }
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(file)
}

/// A document of one page with one line.
const GUIDE: &[u8] = b"%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]/Resources<</Font<</F1 4 0 R>>>>/Contents 5 0 R>>endobj
4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
5 0 obj<</Length 70>>stream
BT /F1 18 Tf 48 500 Td (Lumen Notes: a notebook, never an app.) Tj ET 
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
";
