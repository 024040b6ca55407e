//! Bots, by what they say of themselves.

use std::sync::LazyLock;

use regex::Regex;

/// The patterns of known bots, one a line.
const KNOWN: &str = include_str!("crawlers.txt");
/// What the list lacks: words that any bot may use. `cubot` is a maker of phones.
const GENERAL: &str = r"(?i)(^|[^u])bot(?-u:\b)|crawl|spider|scrap|headless|fetch|monitor|uptime|validator|preview|phantom|selenium|puppeteer|playwright|^[^ /]+/[0-9.]+$|^[a-z_-]+$";

static BOTS: LazyLock<Regex> = LazyLock::new(|| {
    let lines = KNOWN.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let patterns: Vec<String> = lines.chain([GENERAL]).map(|line| format!("(?:{line})")).collect();
    Regex::new(&patterns.join("|")).expect("the list holds regular expressions")
});

/// Whether a request looks like a bot's. Such clicks are stored and marked, and are
/// not counted: an empty agent, a known one, or a browser that only loads ahead
/// (`Sec-Purpose: prefetch`).
pub fn looks_like_a_bot(user_agent: &str, purpose: &str) -> bool {
    user_agent.is_empty() || purpose.contains("prefetch") || BOTS.is_match(user_agent)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Agents of programs that people do not browse with.
    const BOTS: [&str; 22] = [
        "Googlebot/2.1 (+http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ChatGPT-User/1.0; +https://openai.com/bot)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "WhatsApp/2.23.20.0",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Twitterbot/1.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
        "curl/8.5.0",
        "Wget/1.21.4",
        "python-requests/2.32.3",
        "Python/3.12 aiohttp/3.10.5",
        "Go-http-client/2.0",
        "okhttp/4.12.0",
        "axios/1.7.7",
        "node",
        "Java/17.0.12",
        "PostmanRuntime/7.42.0",
        "Apache-HttpClient/4.5.14 (Java/17.0.12)",
    ];

    /// Browsers, on their own and inside of apps.
    const BROWSERS: [&str; 14] = [
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/390.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Linux; Android 11; CUBOT X30) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 12; KFTRWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/120.3.1 like Chrome/120.0.0.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/490.0.0.40.109;FBDV/iPhone15,2;FBLC/de_DE]",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36 Instagram 350.0.0.0.1 Android (34/14; Google/google; Pixel 8)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 LinkedInApp",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.50(0x1800323d) NetType/WIFI Language/en",
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 OPR/126.0.0.0",
    ];

    #[test]
    fn bots_are_recognized_and_browsers_are_not_bots() {
        for agent in BOTS {
            assert!(looks_like_a_bot(agent, ""), "{agent}");
        }
        for agent in BROWSERS {
            assert!(!looks_like_a_bot(agent, ""), "{agent}");
            assert!(looks_like_a_bot(agent, "prefetch;prerender"), "{agent}");
        }
        assert!(looks_like_a_bot("", ""));
    }
}
