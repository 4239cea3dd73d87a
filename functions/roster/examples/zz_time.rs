use std::time::Instant;
fn peak() -> String {
    std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l| l.starts_with("VmHWM")).unwrap().to_owned()
}
fn main() {
    let h = "first_name,last_name,middle_name,email,custom_id,school_district_external_id,user_type,position,grade,status,password\n";
    let which = std::env::args().nth(1).unwrap();
    let n = 200 << 20;
    let text: Vec<u8> = match which.as_str() {
        "rows" | "million" | "quoted" | "utf16" => {
            let mut t = h.to_owned();
            let count = if which == "million" { 1_000_000 } else { 100_000 };
            for i in 0..count {
                let row = format!(
                    "First{i},Last{i},Mid,first{i}.last@contoso.example,{i:08},10001,Student,,9,Active,Pa55word{i}"
                );
                if which == "quoted" {
                    t += &row.split(',').map(|c| format!("\"{c}\"")).collect::<Vec<_>>().join(",");
                } else {
                    t += &row;
                }
                t += "\r\n";
            }
            if which == "utf16" { t.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { t.into_bytes() }
        }
        "line" => [h.as_bytes(), &vec![b'x'; n]].concat(),
        "commas" => [h.as_bytes(), &vec![b','; n]].concat(),
        "commalines" => [h.as_bytes(), ",\n".repeat(n / 2).as_bytes()].concat(),
        "quotes" => [h.as_bytes(), &vec![b'"'; n]].concat(),
        "quotelines" => [h.as_bytes(), "\"\n".repeat(n / 2).as_bytes()].concat(),
        "chain" => [h.as_bytes(), "\"a\",\"b\"\"\n".repeat(n / 10).as_bytes()].concat(),
        "blank" => [h.as_bytes(), &vec![b'\n'; n]].concat(),
        "short" => [h.as_bytes(), "x\n".repeat(n / 2).as_bytes()].concat(),
        "longrows" => [h.as_bytes(), format!("{}\n", ",".repeat(1 << 19)).repeat(400).as_bytes()].concat(),
        "nohead" => "x,".repeat(n / 2).into_bytes(),
        "1252" => [h.as_bytes(), "Jos\u{e9},b\n".repeat(100).as_bytes(), &b"Jos\xe9,b\n".repeat(n / 8)].concat(),
        _ => panic!(),
    };
    let base = peak();
    let t = Instant::now();
    let (up, f) = roster::parse(&text);
    println!(
        "{which}: {} MB parse {:?} rows {:?} findings {} first {:?}",
        text.len() >> 20,
        t.elapsed(),
        up.as_ref().map(|u| u.rows.len()),
        f.len(),
        f.first().map(|f| (f.row, f.code))
    );
    println!("   before {base} after {}", peak());
    let t = Instant::now();
    let kept = roster::without_secrets(&text);
    println!("   kept {:?} {} MB", t.elapsed(), kept.len() >> 20);
    if let Some(up) = up
        && up.rows.len() <= 1_000_000
    {
        let t = Instant::now();
        let errors = up.rows.iter().map(|r| (r.number, vec!["Something is wrong. Fix it.".to_owned()])).collect();
        let e = roster::error_file(&up, &errors);
        println!("   error file {:?} {} MB", t.elapsed(), e.len() >> 20);
    }
    println!("   peak {}", peak());
}
