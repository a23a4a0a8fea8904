use super::parse;

/// Line; the numbers of its date; hour, minute, second; what follows.
type Case = (&'static str, [u32; 3], (u32, u32, Option<u32>), &'static str);

const GOOD: &[Case] = &[
    ("01/02/24, 11:25 - Ada: hi", [1, 2, 24], (11, 25, None), "Ada: hi"),
    ("1/2/24, 11:25 PM - Ada: hi", [1, 2, 24], (23, 25, None), "Ada: hi"),
    ("1/2/24, 11:25\u{202f}PM - Ada: hi", [1, 2, 24], (23, 25, None), "Ada: hi"),
    ("01/02/2024, 12:05 a. m. - Ada: hi", [1, 2, 2024], (0, 5, None), "Ada: hi"),
    ("01/02/2024, 03:05 p.\u{a0}m. - Ada: hi", [1, 2, 2024], (15, 5, None), "Ada: hi"),
    ("[31.12.23, 23:59:58] Ada: hi", [31, 12, 23], (23, 59, Some(58)), "Ada: hi"),
    ("\u{200e}[31.12.23, 23:59:58] Ada: hi", [31, 12, 23], (23, 59, Some(58)), "Ada: hi"),
    ("[2024-03-09, 5:06:07 AM] Ada: hi", [2024, 3, 9], (5, 6, Some(7)), "Ada: hi"),
    ("2024/03/09 午後3:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
    ("2024. 3. 9. 오후 3:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
    ("2024년 3월 9일 오후 3:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
    ("2024年3月9日 15:05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
    ("9.3.2024 klo 15.05 - Ada: hi", [9, 3, 2024], (15, 5, None), "Ada: hi"),
    ("9/3/24 à 15:05 - Ada: hi", [9, 3, 24], (15, 5, None), "Ada: hi"),
    ("2024-03-09 15 h 05 - Ada: hi", [2024, 3, 9], (15, 5, None), "Ada: hi"),
    ("\u{200f}٩\u{200f}/٣\u{200f}/٢٠٢٤، ٣:٠٥ م - Ada: hi", [9, 3, 2024], (15, 5, None), "Ada: hi"),
    ("[9/3/24, 15:05:00]", [9, 3, 24], (15, 5, Some(0)), ""),
    ("9-3-24 15:05 - ", [9, 3, 24], (15, 5, None), ""),
    ("19/12/2012 17:03:48: Ada: hi", [19, 12, 2012], (17, 3, Some(48)), "Ada: hi"),
    ("3/24/14, 1:59:59 PM: Ada: hi", [3, 24, 14], (13, 59, Some(59)), "Ada: hi"),
    ("13.06.18 21.25.15: Ada: hi", [13, 6, 18], (21, 25, Some(15)), "Ada: hi"),
    ("13. 6. 2018. 21:25:15 Ada: hi", [13, 6, 2018], (21, 25, Some(15)), "Ada: hi"),
    ("[06/2018/13, 21:25:15] Ada: hi", [6, 2018, 13], (21, 25, Some(15)), "Ada: hi"),
    ("29.01.18, 3:05 nachm. - Ada: hi", [29, 1, 18], (15, 5, None), "Ada: hi"),
    ("29.01.18, 9:05 abends - Ada: hi", [29, 1, 18], (21, 5, None), "Ada: hi"),
    ("[29/3/2567 BE, 15:05:07] Ada: hi", [29, 3, 2567], (15, 5, Some(7)), "Ada: hi"),
    ("[15:05:07, 3/29/24] Ada: hi", [3, 29, 24], (15, 5, Some(7)), "Ada: hi"),
    ("19:23, 28 Aug 2013 - Ada: hi", [28, 8, 2013], (19, 23, None), "Ada: hi"),
    ("7:23 PM, Aug 28, 2013 - Ada: hi", [8, 28, 2013], (19, 23, None), "Ada: hi"),
    ("19:23, 28 de ago. de 2013 - Ada: hi", [28, 8, 2013], (19, 23, None), "Ada: hi"),
    ("[R6/3/29 15:05:07] Ada: hi", [6, 3, 29], (15, 5, Some(7)), "Ada: hi"),
    (
        "[3/29/24, 3:04:00 PM] - Ada made this group",
        [3, 29, 24],
        (15, 4, Some(0)),
        "Ada made this group",
    ),
    ("2018/1/9 中午11:30 - Ada: hi", [2018, 1, 9], (11, 30, None), "Ada: hi"),
    ("9/1/2018, रात 2:05 - Ada: hi", [9, 1, 2018], (2, 5, None), "Ada: hi"),
];

#[test]
fn headers_of_many_locales() {
    for (line, numbers, (hour, minute, second), rest) in GOOD {
        let header = parse(line).unwrap_or_else(|| panic!("not a header: {line}"));
        let time = (header.hour, header.minute, header.second);
        assert_eq!(
            (header.date.numbers, time, &line[header.rest..]),
            (*numbers, (*hour, *minute, *second), *rest),
            "{line}"
        );
    }
}

#[test]
fn text_that_only_looks_like_a_header() {
    let lines = [
        "",
        "hello",
        "12 - 3 = 9",
        "1/2/24",
        "1/2/24, 11:25",
        "1/2/24, 11:25-Ada: hi",
        "1/2.24, 11:25 - Ada: hi",
        "[1/2/24, 25:00:00] Ada: hi",
        "1/2/24, 11:61 - Ada: hi",
        "1/2/24, 11:25 blah - Ada: hi",
        "1/2/24, 11:25: lunch",
        "13. 6. 2018. 21:25:15 lunch",
        "10:05 came 1/2/2024 - Ada: hi",
        "1/2/24 came by at 11:25 - nice",
    ];
    for line in lines {
        assert_eq!(parse(line), None, "{line}");
    }
}
