//! The head of a request: request line and headers.
//!
//! Source: RFC 9112; where it leaves a choice, Go's `net/http`, which yubihsm-connector runs on.

/// The methods the connector tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Other,
}

/// Why a head is no request that this server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HeadError {
    /// Not HTTP, or something that could be read in two ways.
    Malformed,
    MissingHost,
    TooLarge,
    TransferEncoding,
    Version,
}

/// The head of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub method: Method,
    /// Without query and fragment.
    pub path: String,
    /// The query with its question mark, for a redirection.
    pub query: String,
    pub host: String,
    pub request_id: Option<String>,
    /// Bytes of the body; `None` if it comes in chunks.
    pub length: Option<usize>,
    /// The client wants the connection closed after the response.
    pub close: bool,
    /// The client speaks HTTP/1.0 and cannot read chunks.
    pub is_1_0: bool,
    pub expects_continue: bool,
}

/// Reads request line and headers.
pub(crate) fn parse_head(bytes: &[u8]) -> Result<Head, HeadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| HeadError::Malformed)?;
    let mut lines = text.split("\r\n");
    let (mut head, target) = request_line(lines.next().unwrap_or_default())?;
    let mut lengths = Vec::new();
    let mut chunked = false;
    for line in lines.filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once(':').ok_or(HeadError::Malformed)?;
        let value = value.trim_matches([' ', '\t']);
        match name.to_ascii_lowercase().as_str() {
            "content-length" => lengths.push(content_length(value)?),
            "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => chunked = true,
            "transfer-encoding" => return Err(HeadError::TransferEncoding),
            // A second Host is how one server is made to see another request than the next.
            "host" if !head.host.is_empty() => return Err(HeadError::Malformed),
            "host" => value.clone_into(&mut head.host),
            "connection" => head.close |= value.eq_ignore_ascii_case("close"),
            "expect" => head.expects_continue = value.eq_ignore_ascii_case("100-continue"),
            "x-request-id" if !value.is_empty() => head.request_id = Some(value.to_owned()),
            _ if name.is_empty() || name.contains([' ', '\t']) => return Err(HeadError::Malformed),
            _ => {}
        }
    }
    // Two lengths, or a length and chunks, are how requests are smuggled.
    if lengths.len() > 1 || (chunked && !lengths.is_empty()) {
        return Err(HeadError::Malformed);
    }
    if let Some(authority) = target {
        authority.clone_into(&mut head.host);
    }
    if head.host.is_empty() && !head.is_1_0 {
        return Err(HeadError::MissingHost);
    }
    head.length = if chunked { None } else { Some(lengths.first().copied().unwrap_or(0)) };
    head.close |= chunked;
    Ok(head)
}

/// Reads `METHOD target HTTP/1.x`; also returns the authority of an absolute target.
fn request_line(line: &str) -> Result<(Head, Option<&str>), HeadError> {
    let parts: Vec<&str> = line.split(' ').collect();
    let [method, target, version] = parts[..] else { return Err(HeadError::Malformed) };
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "" => return Err(HeadError::Malformed),
        _ => Method::Other,
    };
    let is_1_0 = match version {
        "HTTP/1.1" => false,
        "HTTP/1.0" => true,
        _ if version.starts_with("HTTP/") => return Err(HeadError::Version),
        _ => return Err(HeadError::Malformed),
    };
    let (authority, target) = split_authority(target)?;
    let path_ends = target.find(['?', '#']).unwrap_or(target.len());
    let query = target[path_ends..].split('#').next().unwrap_or_default();
    let head = Head {
        method,
        path: target[..path_ends].to_owned(),
        query: query.to_owned(),
        host: String::new(),
        request_id: None,
        length: None,
        close: is_1_0,
        is_1_0,
        expects_continue: false,
    };
    Ok((head, authority))
}

/// A target is a path, or a whole address as for a proxy.
fn split_authority(target: &str) -> Result<(Option<&str>, &str), HeadError> {
    let Some(rest) = target.strip_prefix("http://").or(target.strip_prefix("https://")) else {
        let is_path = target.starts_with('/') || target == "*";
        return if is_path { Ok((None, target)) } else { Err(HeadError::Malformed) };
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let path = if end == rest.len() { "/" } else { &rest[end..] };
    Ok((Some(&rest[..end]), path))
}

/// Digits only: `usize::from_str` would also take a plus sign.
fn content_length(value: &str) -> Result<usize, HeadError> {
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| value.parse().ok()).flatten().ok_or(HeadError::Malformed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_head_is_read_whatever_the_case_of_its_names() {
        let bytes = b"POST /connector/api?a=1#b HTTP/1.1\r\nhOST: a\r\ncontent-LENGTH: 7\r\n\r\n";
        let head = parse_head(bytes).unwrap();
        assert_eq!((head.method, head.path.as_str()), (Method::Post, "/connector/api"));
        assert_eq!((head.query.as_str(), head.length, head.close), ("?a=1", Some(7), false));
    }

    #[test]
    fn a_whole_address_is_a_path_and_a_host() {
        let bytes = b"GET http://hsm:1/connector/status HTTP/1.1\r\nHost: other\r\n\r\n";
        let head = parse_head(bytes).unwrap();
        assert_eq!((head.host.as_str(), head.path.as_str()), ("hsm:1", "/connector/status"));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let bad: [(&str, HeadError); 12] = [
            ("POST /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2", HeadError::Malformed),
            (
                "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 2",
                HeadError::Malformed,
            ),
            ("POST /a HTTP/1.1\r\nTransfer-Encoding: gzip", HeadError::TransferEncoding),
            ("POST /a HTTP/1.1\r\nContent-Length: -1", HeadError::Malformed),
            ("POST /a HTTP/1.1\r\nContent-Length: +1", HeadError::Malformed),
            ("POST /a HTTP/1.1\r\nContent-Length: 99999999999999999999", HeadError::Malformed),
            ("POST /a HTTP/1.1\r\nContent-Length : 1", HeadError::Malformed),
            ("POST /a HTTP/2", HeadError::Version),
            ("POST /a HTTP/1.1 extra", HeadError::Malformed),
            ("POST", HeadError::Malformed),
            ("POST connector HTTP/1.1", HeadError::Malformed),
            ("POST /a HTTP/1.1\r\nno colon", HeadError::Malformed),
        ];
        for (head, error) in bad {
            let whole = format!("{head}\r\nHost: a\r\n\r\n");
            assert_eq!(parse_head(whole.as_bytes()).map(|_| ()), Err(error), "{head}");
        }
        assert_eq!(parse_head(b"GET /a HTTP/1.1\r\n\r\n"), Err(HeadError::MissingHost));
        assert!(parse_head(b"GET /a HTTP/1.0\r\n\r\n").is_ok_and(|head| head.close));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse_head(&bytes);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "(GET|POST) /[ -~\r\n:]{0,200}\r\n\r\n") {
            let _ = parse_head(text.as_bytes());
        }
    }
}
