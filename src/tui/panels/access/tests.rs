use std::{net::IpAddr, sync::Arc};

use uuid::Uuid;

use crate::{
    model::{
        Answer, Caller, Face, Order, Origin, Role, Secret, Snapshot, Token, TokenId, TokenPlan, Way,
        face::{Look, WayKind},
    },
    tui::app::{
        Asked, What,
        gallery::picture,
        testkit::{Rig, later, server, world},
    },
};

fn token(number: u128, note: &str, role: Role) -> Token {
    let plan = TokenPlan { role, servers: None, expires_at: None, note: note.into() };
    Token { id: TokenId(Uuid::from_u128(number)), plan, created_at: later(-86_400) }
}

fn face(id: u64, look: Look) -> Arc<Face> {
    Arc::new(Face { id, look, since: later(-300) })
}

fn peopled(snapshot: &mut Snapshot) {
    let alpha = server("alpha", crate::model::State::Ready).id();
    let mut script = token(2, "backup \u{1b}]0;x\u{7}script", Role::Operator);
    script.plan.servers = Some(vec![alpha]);
    script.plan.expires_at = Some(later(90 * 86_400));
    let mut old = token(3, "old", Role::Admin);
    old.plan.expires_at = Some(later(-1));
    snapshot.tokens = [token(1, "grafana", Role::Viewer), script, old].map(Arc::new).to_vec();
    let caller = |note: &str| {
        let address = Some(IpAddr::from([10, 0, 0, 3]));
        Box::new(Caller { token: Some(TokenId(Uuid::from_u128(1))), note: note.into(), address })
    };
    snapshot.faces = vec![
        face(1, Look::Attached { origin: Some(Origin::Dashboard), uid: 1000, pid: Some(4711) }),
        face(2, Look::Console { caller: caller("grafana"), server: alpha }),
        face(3, Look::Events { caller: caller("bot") }),
    ];
    snapshot.ways = vec![
        Arc::new(Way { kind: WayKind::Api, address: "https://0.0.0.0:8000".into(), private: true }),
        Arc::new(Way { kind: WayKind::Socket, address: "/srv/mc/run/engine.sock".into(), private: true }),
    ];
}

fn rig(width: u16, height: u16) -> Rig {
    let mut rig = Rig::new(width, height, world());
    rig.change(peopled);
    rig.keys("8");
    rig
}

#[test]
fn it_shows_who_is_there_and_what_lets_others_in() {
    picture("access", rig);
}

#[test]
fn without_an_api_it_says_how_to_get_one() {
    let mut rig = Rig::new(120, 40, world());
    rig.keys("8");
    let text = rig.screen();
    assert!(text.contains("mineclifford serve"), "{text}");
    assert!(text.contains("nobody else") && text.contains("There are none"), "{text}");
}

#[test]
fn an_api_that_others_can_listen_in_on_is_called_that() {
    let mut rig = rig(120, 40);
    rig.change(|world| {
        world.ways =
            vec![Arc::new(Way { kind: WayKind::Api, address: "http://0.0.0.0:8000".into(), private: false })];
    });
    assert!(rig.screen().contains("NOT encrypted"), "{}", rig.screen());
}

#[test]
fn a_token_is_made_and_shown_this_once() {
    let mut rig = rig(120, 40);
    rig.keys("n");
    rig.text("deploy");
    rig.keys("ctrl-s");
    let orders = rig.orders();
    let [Order::CreateToken(plan)] = orders.as_slice() else { panic!("{orders:?}\n{}", rig.screen()) };
    assert_eq!(
        (plan.note.as_str(), plan.role, &plan.servers, plan.expires_at),
        ("deploy", Role::Viewer, &None, None)
    );
    let answer = Answer::Token { id: TokenId(Uuid::from_u128(9)), secret: Secret("mcl_hunter2".into()) };
    rig.give(What::Answered(Asked::Token, Ok(answer)));
    assert!(rig.screen().contains("mcl_hunter2"), "{}", rig.screen());
    rig.keys("esc");
    assert!(!rig.screen().contains("mcl_hunter2"));
    // Nothing that can be looked at later has it.
    rig.keys("m");
    assert!(!rig.screen().contains("mcl_hunter2"));
}

#[test]
fn tokens_are_filtered_by_note_and_role() {
    let mut rig = rig(120, 40);
    let all = rig.app.access.rows(&rig.snapshot).count();
    rig.keys("/").text("viewer").keys("enter");
    let shown: Vec<_> = rig.app.access.rows(&rig.snapshot).map(|token| token.plan.role).collect();
    assert!(
        !shown.is_empty() && shown.len() < all && shown.iter().all(|role| *role == Role::Viewer),
        "{shown:?}"
    );
    rig.keys("/").text("zzz").keys("enter");
    assert!(rig.screen().contains("None of them contains this."), "{}", rig.screen());
    rig.keys("esc");
    assert_eq!(rig.app.access.rows(&rig.snapshot).count(), all);
}

#[test]
fn its_overlays_are_as_they_were() {
    picture("token_form", |width, height| {
        let mut rig = rig(width, height);
        rig.keys("n").text("deploy");
        rig
    });
    picture("token_made", |width, height| {
        let mut rig = rig(width, height);
        let secret = Secret("mcl_hunter2".into());
        rig.give(What::Answered(Asked::Token, Ok(Answer::Token { id: TokenId(Uuid::from_u128(9)), secret })));
        rig
    });
    picture("token_revoke", |width, height| {
        let mut rig = rig(width, height);
        rig.keys("d");
        rig
    });
}

#[test]
fn a_token_is_revoked_after_a_question() {
    let mut rig = rig(120, 40);
    rig.keys("down");
    rig.keys("d");
    assert!(rig.screen().contains("backup"), "{}", rig.screen());
    rig.keys("y");
    assert_eq!(rig.orders(), [Order::RevokeToken(TokenId(Uuid::from_u128(2)))]);
}

#[test]
fn any_size_is_drawn() {
    for (width, height) in [(1, 1), (20, 5), (40, 12), (80, 24), (200, 60)] {
        rig(width, height).screen();
    }
}
