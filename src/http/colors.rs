//! The stylesheets of programs' colors. Pages allow no inline styles, so a page with a color
//! links to a file that is made of the color alone.

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::colors::{Color, Shades};

/// A color never changes its shades, except with a new version of Honeyguide.
const ONE_DAY: &str = "public, max-age=86400";

/// `GET /colors/17605a.css`
pub async fn stylesheet(Path(file): Path<String>) -> Response {
    let Some(color) = file.strip_suffix(".css").and_then(|digits| digits.parse().ok()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, ONE_DAY)];
    (headers, css(color)).into_response()
}

fn css(color: Color) -> String {
    let (light, dark) = (color.light_shades(), color.dark_shades());
    let pair = |shade: fn(&Shades) -> Color| format!("light-dark({}, {})", shade(&light), shade(&dark));
    format!(
        ":root {{ --program: {}; --program-on: {}; --program-text: {}; --program-wash: {}; }}\n",
        pair(|shades| shades.fill),
        pair(|shades| shades.on),
        pair(|shades| shades.text),
        pair(|shades| shades.wash),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_color_has_shades_for_both_schemes() {
        let css = css("#17605a".parse().unwrap());
        assert!(css.contains("--program: light-dark(#17605a, "), "{css}");
        assert_eq!(css.matches("light-dark(").count(), 4, "{css}");
    }
}
