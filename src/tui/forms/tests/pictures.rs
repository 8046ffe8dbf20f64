use super::super::{clone::CloneForm, edit::EditForm, rename::RenameForm};
use super::*;

const SIZES: [(u16, u16); 3] = [(40, 12), (80, 24), (120, 40)];

fn picture<C: Content>(name: &str, form: &Dialog<C>) {
    for (width, height) in SIZES {
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), shown(form, width, height));
    }
}

#[test]
fn a_new_server() {
    picture("create", &create());
}

#[test]
fn a_new_server_with_mistakes() {
    let mut form = create();
    typed(&mut form, "bad name");
    over(&mut form, "port", "25565");
    over(&mut form, "memory", "64G");
    picture("create_mistakes", &form);
}

#[test]
fn the_list_of_types() {
    let mut form = create();
    go(&mut form, "type");
    typed(&mut form, " ");
    picture("create_types", &form);
}

#[test]
fn a_server_that_is_there() {
    let mut old = Spec { name: "lobby".into(), eula: true, seed: Some("42".into()), ..Spec::default() };
    old.env.insert("USE_AIKAR_FLAGS".into(), "true".into());
    let mut form = EditForm::new(&old, around());
    over(&mut form, "memory", "4G");
    picture("edit", &form);
}

#[test]
fn small_ones() {
    picture("rename", &RenameForm::new("lobby", around().taken));
    picture("clone", &CloneForm::new("lobby", around().taken));
}

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
