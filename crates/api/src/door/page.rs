//! The login page: plain HTML that works without a script.

/// The page's stylesheet.
pub const STYLESHEET: &str = include_str!("login.css");

/// What the page shows.
#[derive(Debug, Default)]
pub struct LoginPage<'a> {
    /// Where to go after it; a page of ours.
    pub next: &'a str,
    /// What went wrong.
    pub problem: Option<&'a str>,
    /// Whether there is no use in typing a password.
    pub is_closed: bool,
    /// Whether the browser is to try the page again by itself. After a link on another site it did not send its cookie
    /// along; when our own page asks, it does.
    pub tries_again: bool,
}

impl LoginPage<'_> {
    /// The page as HTML.
    pub fn html(&self) -> String {
        let next = escape(self.next);
        let again = if self.tries_again {
            format!("<meta http-equiv=\"refresh\" content=\"0;url={next}\">\n")
        } else {
            String::new()
        };
        let problem = self.problem.map(|problem| {
            format!("<p class=\"problem\" id=\"problem\" role=\"alert\">{}</p>\n", escape(&sentence(problem)))
        });
        let form = if self.is_closed { String::new() } else { form(&next, self.problem.is_some()) };
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Log in – MediaFlow</title>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"dark light\">\n<meta name=\"robots\" content=\"noindex\">\n{again}\
             <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"{style}\">\n</head>\n<body>\n<main>\n\
             <h1>MediaFlow</h1>\n{problem}{form}</main>\n</body>\n</html>\n",
            style = super::login::STYLE,
            problem = problem.unwrap_or_default(),
        )
    }
}

/// The hidden name is what password managers keep a password under.
fn form(next: &str, is_wrong: bool) -> String {
    let wrong = if is_wrong { " aria-invalid=\"true\" aria-describedby=\"problem\"" } else { "" };
    format!(
        "<form method=\"post\" action=\"{page}\">\n<input type=\"hidden\" name=\"next\" value=\"{next}\">\n\
         <input name=\"username\" value=\"mediaflow\" autocomplete=\"username\" hidden>\n\
         <label for=\"password\">Password</label>\n<input id=\"password\" name=\"password\" type=\"password\" \
         autocomplete=\"current-password\" required autofocus{wrong}>\n<button type=\"submit\">Log in</button>\n</form>\n\
         <p class=\"hint\">Forgotten? <code>mediaflow passwd</code> on the server sets a new one.</p>\n",
        page = super::login::PAGE,
    )
}

/// Errors begin small, as parts of a line; here they stand alone.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_address_becomes_markup() {
        let page = LoginPage { next: "/\"><script>alert(1)</script>", tries_again: true, ..LoginPage::default() };
        assert!(!page.html().contains("<script"), "{}", page.html());
    }
}
