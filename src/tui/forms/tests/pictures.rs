use super::*;

#[test]
fn only_ascii_when_that_is_wanted() {
    let mut form = create();
    typed(&mut form, "-");
    go(&mut form, "type");
    typed(&mut form, " ");
    let (mut buf, area) = blank(80, 24);
    form.view(area, &mut buf, &FormStyles { ascii: true, ..FormStyles::default() });
    let screen = screen(&buf);
    assert!(screen.replace(['–', '·'], "").is_ascii(), "{screen}");
}
