use super::testkit::*;
use super::*;
use crate::model::Order;

#[test]
fn it_draws() {
    let rig = Rig::new(120, 40, world()).with_log();
    println!("{}", rig.screen());
    let mut rig = Rig::new(120, 40, world());
    rig.keys("t enter");
    assert_eq!(rig.orders(), Vec::<Order>::new());
}
