//! Guests that take what they can get: all of the time, the memory, the stack, the tables, the list of runs.
use crate::{
    codigo::{check, data, rule},
    huespedes::{canal, grande, regla, tranquilo},
    mundo::{Mundo, Pieza},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const LOG: &str = r#"(import "huella:plugin/log@0.1.0" "write" (func $log (param i32 i32 i32 i32 i32)))"#;
const HONDA: &str = "(func $deep (param i32) (result i32) (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))";
const TABLA: &str = "(table $t 1 funcref)";
/// Longer than any call may take, its waiting and the test's own work included.
const LARGO: Duration = Duration::from_secs(5);

/// An attack: its name, what is beside it in the module, what it does, and what its run says.
struct Ataque {
    nombre: &'static str,
    aparte: &'static str,
    hace: &'static str,
    resultado: &'static str,
    dice: &'static [&'static str],
}

const fn ataque(nombre: &'static str, aparte: &'static str, hace: &'static str, dice: &'static [&'static str]) -> Ataque {
    Ataque { nombre, aparte, hace, resultado: "limit", dice }
}

const COMUNES: [Ataque; 6] = [
    ataque("bucle", "", "(loop $l (br $l)) unreachable", &["límite de tiempo de cálculo", "límite de instrucciones"]),
    ataque("memoria", "", "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable", &["límite de memoria"]),
    ataque("memoria-de-golpe", "", "(drop (memory.grow (i32.const 60000))) unreachable", &["límite de memoria"]),
    ataque("tabla", TABLA, "(drop (table.grow $t (ref.null func) (i32.const 1000000))) unreachable", &["límite de tablas"]),
    ataque("recursion", HONDA, "(call $deep (i32.const 0))", &["límite de pila"]),
    Ataque { nombre: "trampa", aparte: "", hace: "unreachable", resultado: "trap", dice: &["se detuvo por un error propio"] },
];
const ENTREGA: &[&str] = &["lo que puede entregar de una vez"];
/// Of a channel alone: a text of five megabytes; more chance than there is.
const DE_CANAL: [Ataque; 2] = [
    ataque("texto", "", "(call $say (i32.const 0) (i32.const 5242880))", ENTREGA),
    ataque("azar", "", "(call $random (i32.const 1000000) (i32.const 8)) (call $ok)", ENTREGA),
];
/// Of a rule alone: a reason of five megabytes; a hundred and sixty thousand alerts.
const DE_REGLA: [Ataque; 2] = [
    ataque("texto", "", "(call $dice (i32.const 5242880))", ENTREGA),
    ataque(
        "lista",
        "",
        "(i32.store8 (i32.const 8) (i32.const 0)) (i32.store (i32.const 12) (i32.const 1024)) (i32.store (i32.const 16) (i32.const 160000)) (i32.const 8)",
        ENTREGA,
    ),
];
const AZAR: &str = r#"(import "huella:plugin/random@0.1.0" "bytes" (func $random (param i32 i32)))"#;

impl Ataque {
    fn canal(&self) -> String {
        let module = canal(if self.nombre == "azar" { AZAR } else { "" }, self.aparte, self.hace);
        if self.dice == ENTREGA { grande(&module) } else { module }
    }
    fn regla(&self) -> String {
        let module = regla("", self.aparte, self.hace);
        if self.dice == ENTREGA { grande(&module) } else { module }
    }
    /// The reason is in the list, in words; how much of each limit was used stands beside it.
    fn is_told(&self, (listed, whole): &(Value, Value)) {
        assert_eq!(listed["resultado"], self.resultado, "{}: {whole:#}", self.nombre);
        let said = whole["detalle"].as_str().unwrap_or_default();
        assert!(self.dice.iter().any(|one| said.contains(one)), "{}: {said}", self.nombre);
        let motivo = listed["motivo"].as_str().unwrap_or_default();
        assert!(!motivo.is_empty() && said.contains(motivo), "{}: «{motivo}» of «{said}»", self.nombre);
        let used = &whole["documento"]["uso"];
        for limit in ["reloj", "cpu", "memoria", "llamadas", "lineas"] {
            assert!(used[limit].as_f64().is_some_and(|share| (0.0..=400.0).contains(&share)), "{}: {used}", self.nombre);
        }
    }
}

#[tokio::test]
async fn an_examination_refuses_what_does_not_end_by_itself_and_says_why() {
    let mundo = Mundo::start().await;
    for one in &COMUNES {
        let module = check("", one.hace).replacen("(memory (export", &format!("{} (memory (export", one.aparte), 1);
        let channel = Pieza::new("notification", &format!("canal-{}", one.nombre), &tranquilo(&module), json!({}), None);
        let module = regla("", one.aparte, one.hace).replacen("(i32.gt_u (local.get 8) (i32.const 2))", "(i32.const 1)", 1);
        let rule = Pieza::new("alerts", &format!("regla-{}", one.nombre), &module, json!({}), None);
        for (pieza, at) in [(channel, "/check"), (rule, "/evaluate")] {
            let examined = mundo.examined(&pieza).await;
            assert_eq!(examined["estado"], "rechazada", "{}: {examined:#}", pieza.id);
            let said = Mundo::faults(&examined);
            assert!(said.contains(at) && one.dice.iter().any(|word| said.contains(word)), "{}: {said}", pieza.id);
            mundo.andina.get(&format!("/complementos/{}", pieza.id)).await.problem(404, "no-encontrado");
        }
    }
    // Of one that traps before anybody could configure it nothing more is asked.
    let silent = rule("", "unreachable").replacen("#describe\") (result i32)", "#describe\") (result i32) unreachable", 1);
    let examined = mundo.examined(&Pieza::new("alerts", "describe", &silent, json!({}), None)).await;
    assert!(Mundo::faults(&examined).contains("/describe terminó mal (trap)"), "{examined:#}");
    mundo.vecino_responde().await;
}

#[tokio::test]
async fn a_channel_that_slept_through_its_examination_ends_at_its_limit() {
    let mundo = Mundo::start().await;
    for one in COMUNES.iter().chain(&DE_CANAL) {
        let pieza = Pieza::durmiente("notification", &format!("canal-{}", one.nombre), &one.canal(), json!({}));
        mundo.awake(&pieza).await;
        let began = Instant::now();
        let tried = mundo.probar(&mundo.andina, &pieza.id).await;
        assert!(began.elapsed() < LARGO, "{}: {:?}", one.nombre, began.elapsed());
        assert_eq!((&tried["ok"], &tried["resultado"]), (&json!(false), &json!(one.resultado)), "{}: {tried}", one.nombre);
        one.is_told(&mundo.last_run(&mundo.andina, &pieza.id).await);
        mundo.vecino_responde().await;
        mundo.andina.delete(&format!("/complementos/{}", pieza.id)).await;
    }
}

/// What a pet's owner and its vet see of it: nothing but a line that says which rule did not run.
#[tokio::test]
async fn a_rule_that_takes_too_much_stops_nobody_and_is_told_where_alerts_are_shown() {
    let mundo = Mundo::start().await;
    for one in COMUNES.iter().chain(&DE_REGLA) {
        let pieza = Pieza::durmiente("alerts", &format!("regla-{}", one.nombre), &one.regla(), json!({}));
        mundo.awake(&pieza).await;
        let began = Instant::now();
        let luna = mundo.mascota(&mundo.andina, "Luna").await;
        mundo.work().await;
        assert!(began.elapsed() < LARGO, "{}: {:?}", one.nombre, began.elapsed());
        // It was asked about all pets there are: the third time put it away, and then it is refused.
        let first = mundo.runs(&mundo.andina, &pieza.id).await.into_iter().rev().find(|run| run["operacion"] == "evaluate");
        let first = first.unwrap_or_else(|| panic!("{}: not asked", one.nombre));
        one.is_told(&mundo.whole(&mundo.andina, first).await);
        for told in ["/alertas/estado".to_owned(), format!("/pacientes/{luna}/alertas")] {
            let shown = mundo.andina.get(&told).await.ok();
            let stopped = shown["reglas_que_no_corrieron"].as_array().expect("a list");
            let banner = stopped.iter().find(|row| row["complemento"] == pieza.id.as_str());
            let banner = banner.unwrap_or_else(|| panic!("{}: no banner in {shown:#}", one.nombre));
            let why = banner["detalle"].as_str().unwrap_or_default();
            let known = one.dice.iter().chain(&["está en cuarentena"]).any(|word| why.contains(word));
            assert!(known, "{}: {banner}", one.nombre);
        }
        mundo.vecino_responde().await;
        let elsewhere = mundo.costera.get("/alertas/estado").await.ok();
        assert_eq!(elsewhere["reglas_que_no_corrieron"], json!([]), "{}", one.nombre);
        mundo.andina.delete(&format!("/complementos/{}", pieza.id)).await;
        mundo.huella.parts.complementos.forget();
        mundo.work().await;
    }
}

#[tokio::test]
async fn a_flood_of_lines_is_cut_and_counted() {
    let mundo = Mundo::start().await;
    let flood = "(local $n i32) (loop $l (call $log (i32.const 1) (i32.const 800) (i32.const 10) (i32.const 0) (i32.const 0))
        (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.lt_u (local.get $n) (i32.const 5000))))";
    let text = data(800, "diluvio...");
    let channel = Pieza::durmiente("notification", "canal-diluvio", &canal(LOG, &text, &format!("{flood} (call $ok)")), json!({}));
    let rule = Pieza::durmiente("alerts", "regla-diluvio", &regla(LOG, &text, &format!("{flood} unreachable")), json!({}));
    for pieza in [&channel, &rule] {
        mundo.awake(pieza).await;
        if pieza.id == channel.id {
            assert_eq!(mundo.probar(&mundo.andina, &pieza.id).await["ok"], true);
        } else {
            mundo.mascota(&mundo.andina, "Luna").await;
            mundo.work().await;
        }
        let (_, whole) = mundo.last_run(&mundo.andina, &pieza.id).await;
        let run = &whole["documento"];
        let lines = run["registro"].as_array().expect("a list");
        assert_eq!((lines.len(), &run["lineas_perdidas"]), (100, &json!(4_900)), "{}: {run:#}", pieza.id);
        assert_eq!((&lines[0]["texto"], &run["uso"]["lineas"]), (&json!("diluvio..."), &json!(5_000.0)));
        mundo.vecino_responde().await;
    }
}
