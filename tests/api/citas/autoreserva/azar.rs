//! Anything in any order: nobody is shown what is another's, no cap is passed, nothing is booked twice. With a seed of one's
//! own: `HUELLA_AZAR`.
use super::{
    telefono::{codigo, con_oferta},
    *,
};
use crate::avisos::Guion;
use huella_tests::{afuera::cartas, cliente::send};
use jiff::SignedDuration;
use reqwest::Method;
use std::{collections::BTreeMap, sync::Arc};

const ABIERTAS: i64 = 2;
const STEPS: usize = 240;
/// Of who has a phone and no address.
const TELEFONO: &str = "955444333";

/// The same sequence for the same seed.
struct Azar(u64);

impl Azar {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
    fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        if items.is_empty() { None } else { items.get(self.next(items.len())) }
    }
    fn hour(&mut self, first: usize, hours: usize) -> String {
        let (day, hour, quarter) = (2 + self.next(4), first + self.next(hours), self.next(4));
        format!("2026-03-{day:02}T{hour:02}:{:02}:00", 15 * quarter)
    }
}

/// Says how to have the same failure again, whatever failed.
struct Semilla(u64);

impl Drop for Semilla {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("HUELLA_AZAR={}", self.0);
        }
    }
}

/// Somebody who tries: what is theirs to read, and what they got so far.
#[derive(Default)]
struct Quien {
    nombre: String,
    telefono: Option<&'static str>,
    solicitudes: Vec<String>,
    sesiones: Vec<String>,
    paginas: Vec<String>,
}

struct Juego {
    publico: Publico,
    guion: Arc<Guion>,
    azar: Azar,
    people: Vec<Quien>,
    /// Names and ids of the pets of each.
    secrets: Vec<Vec<String>>,
    /// How often each kind of thing was done.
    hechos: BTreeMap<&'static str, usize>,
}

#[tokio::test]
async fn whatever_is_sent_nobody_sees_anothers_data_passes_a_cap_or_books_twice() {
    let own = std::env::var("HUELLA_AZAR").ok().map(|seed| seed.parse::<u64>().expect("HUELLA_AZAR is a number"));
    let mut hechos = BTreeMap::<&str, usize>::new();
    for seed in own.map_or(vec![3, 1_777], |seed| vec![seed.max(1)]) {
        let _semilla = Semilla(seed);
        let mut juego = Juego::start(seed).await;
        for step in 0..STEPS {
            let n = juego.azar.next(juego.people.len());
            let (sent, answer) = juego.act(n).await;
            let text = texto(&answer);
            assert!(!answer.status.is_server_error(), "{seed}/{step}: {sent} → {text}");
            for (other, theirs) in juego.secrets.iter().enumerate().filter(|(other, _)| *other != n) {
                for secret in theirs.iter().filter(|secret| !sent.contains(*secret)) {
                    let who = &juego.people[n].nombre;
                    assert!(!text.contains(secret), "{seed}/{step}: {who} was shown {secret} of {other}: {sent} → {text}");
                }
            }
            invariants(&juego.publico, seed, step).await;
        }
        let booked = juego.publico.contar("select count(*) from autoreservas").await;
        assert!(booked > 2, "seed {seed} books too little to mean anything");
        juego.hechos.into_iter().for_each(|(what, times)| *hechos.entry(what).or_default() += times);
    }
    println!("{hechos:?}");
    for what in ["mover", "respuesta", "telefono"] {
        assert!(own.is_some() || hechos.contains_key(what), "{what} is not in {hechos:?}");
    }
}

impl Juego {
    /// Two are known by their address, one by her phone, and two are new. Two pets wait for a time.
    async fn start(seed: u64) -> Self {
        let oferta = json!({ "abiertas_max": ABIERTAS, "por_dia_max": 100, "antelacion_min": 0 });
        let (publico, guion) = con_oferta(&["sms"], oferta).await;
        let admin = publico.agenda.huella.como(ADMIN).await;
        admin.put("/ajustes/correos", json!({ "confirmaciones": true })).await.ok();
        let quien = |nombre: &str| Quien { nombre: nombre.to_owned(), ..Quien::default() };
        let mut people: Vec<Quien> = ["ana", "beto", "carla", "dario", "elsa"].map(quien).into();
        let mut secrets: Vec<Vec<String>> = vec![Vec::new(); people.len()];
        for (n, mascota) in [(0, "Lunaazul"), (0, "Solazul"), (1, "Maxrojo")] {
            let pet = publico.mascota(&people[n].nombre, mascota, "perro").await;
            let wish = json!({ "servicio_id": publico.agenda.consulta, "sedes": [publico.agenda.lima], "desde": "2026-03-02", "hasta": "2026-03-08" });
            if mascota != "Lunaazul" {
                admin.post("/esperas", json!({ "mascota_id": pet, "preferencia": wish })).await.created();
            }
            secrets[n].extend([mascota.to_owned(), pet]);
        }
        for (n, mascota) in [(2, "Tobyverde"), (3, "Rexgris")] {
            secrets[n].push(mascota.to_owned());
        }
        people[4].telefono = Some(TELEFONO);
        let pet = publico.de_telefono(TELEFONO, "Nubeblanca").await;
        secrets[4].extend(["Nubeblanca".to_owned(), pet]);
        Self { publico, guion, azar: Azar(seed), people, secrets, hechos: BTreeMap::new() }
    }

    fn hecho(&mut self, what: &'static str) {
        *self.hechos.entry(what).or_default() += 1;
    }

    async fn post(&self, path: &str) -> Respuesta {
        send(self.publico.nadie.request(Method::POST, path)).await
    }

    async fn act(&mut self, n: usize) -> (String, Respuesta) {
        let newest = self.people[n].sesiones.last().filter(|_| self.azar.next(4) > 0).cloned();
        let mine = newest.or_else(|| self.azar.of(&self.people[n].sesiones).cloned()).unwrap_or_else(|| "hs_basura".into());
        match self.azar.next(13) {
            0 | 1 => self.code(n).await,
            2 => {
                // Somebody else's request, or an own one, with a guess.
                let whose = self.azar.next(self.people.len());
                let solicitud = self.azar.of(&self.people[whose].solicitudes).cloned().unwrap_or_default();
                let guess = format!("{:06}", self.azar.next(1_000_000));
                (String::new(), self.publico.verificar(&json!(solicitud), &guess).await)
            }
            3 => (String::new(), self.publico.post("/sesion", json!({ "sesion": mine })).await),
            4..=6 => {
                let mut wish = self.publico.hora(&mine, &self.azar.hour(7, 14));
                if self.azar.next(6) == 0 {
                    wish["sede_id"] = json!(self.publico.agenda.cusco);
                }
                let held = self.publico.post("/retener", wish.clone()).await;
                if held.status == 201 && self.azar.next(3) > 0 {
                    return self.confirm(n, &mine).await;
                }
                (wish.to_string(), held)
            }
            7 | 8 => self.confirm(n, &mine).await,
            9 | 10 => self.page(n).await,
            _ => self.letter(n).await,
        }
    }

    /// Asks for a code, by mail or to the phone, and mostly uses it.
    async fn code(&mut self, n: usize) -> (String, Respuesta) {
        // The clock goes on: codes are counted by the hour.
        self.publico.agenda.huella.avanzar(SignedDuration::from_mins(1 + self.azar.next(14) as i64));
        let (correo, telefono) = (self.publico.correo(&self.people[n].nombre), self.people[n].telefono);
        let answer = match telefono {
            Some(telefono) => self.publico.pedir_a(telefono).await,
            None => self.publico.pedir(&correo).await,
        };
        self.people[n].solicitudes.extend(answer.body["solicitud"].as_str().map(str::to_owned));
        if answer.status == 202 && self.azar.next(4) > 0 {
            let code = match telefono {
                Some(telefono) => self.code_of_phone(telefono).await,
                None => self.publico.codigo(&correo).await,
            };
            let solicitud = json!(self.people[n].solicitudes.last());
            let opened = self.publico.verificar(&solicitud, &code).await;
            self.people[n].sesiones.extend(opened.body["sesion"].as_str().map(str::to_owned));
            if telefono.is_some() && opened.status.is_success() {
                self.hecho("telefono");
            }
        }
        (correo, answer)
    }

    async fn code_of_phone(&self, telefono: &str) -> String {
        trabajar(&self.publico.agenda).await;
        let to = format!("+51{telefono}");
        let last = self.guion.enviados().into_iter().rev().find(|one| one.mensaje.a == to).expect("a message with a code");
        codigo(&last.mensaje.texto)
    }

    /// With a pet of one's own or of somebody else's, one that nobody has, or as somebody new.
    async fn confirm(&mut self, n: usize, mine: &str) -> (String, Respuesta) {
        let own = self.secrets[n][0].clone();
        let whose = if self.azar.next(2) == 0 { n } else { self.azar.next(self.secrets.len()) };
        let pet = self.azar.of(&self.secrets[whose]).cloned().unwrap_or_default();
        let quien = match self.azar.next(4) {
            0 => Publico::nuevo(&self.people[n].nombre, &own),
            1 if self.azar.next(3) == 0 => json!({ "mascota_id": uuid::Uuid::now_v7() }),
            _ if pet.len() == 36 => json!({ "mascota_id": pet }),
            _ => Publico::nuevo(&self.people[n].nombre, &own),
        };
        let answer = self.publico.confirmar(mine, quien.clone()).await;
        self.people[n].paginas.extend(answer.body["ruta"].as_str().map(|_| pagina(&answer.body["ruta"])));
        (quien.to_string(), answer)
    }

    /// The page of a booking of one's own: looks, cancels or moves.
    async fn page(&mut self, n: usize) -> (String, Respuesta) {
        match self.azar.of(&self.people[n].paginas).cloned() {
            Some(page) => self.manage(page).await,
            None => (String::new(), self.publico.post("/sesion", json!({ "sesion": "hs_basura" })).await),
        }
    }

    async fn manage(&mut self, page: String) -> (String, Respuesta) {
        let answer = match self.azar.next(4) {
            0 => self.publico.nadie.get(&page).await,
            1 => self.post(&format!("{page}/anular")).await,
            _ => {
                self.hecho("mover");
                let to = self.azar.hour(12, 12);
                self.post(&format!("{page}/mover?inicio={to}Z")).await
            }
        };
        (page, answer)
    }

    /// A link in a letter that they got, mostly the last one: what it leads to, and what it offers to do.
    async fn letter(&mut self, n: usize) -> (String, Respuesta) {
        let links = enlaces(&self.publico.correo(&self.people[n].nombre));
        let last = links.last().filter(|_| self.azar.next(2) == 0);
        let Some(path) = last.or_else(|| self.azar.of(&links)).cloned() else { return self.page(n).await };
        if path.starts_with("/reservas/") {
            return self.manage(path).await;
        }
        let offer = path.starts_with("/ofertas/");
        self.hecho(if offer { "oferta" } else { "respuesta" });
        let answer = match (self.azar.next(3), offer) {
            (0, _) => self.publico.nadie.get(&path).await,
            (1, true) => self.post(&format!("{path}/rechazar")).await,
            (_, true) => self.post(&format!("{path}/aceptar")).await,
            (does, false) => {
                let form = [("accion", if does == 1 { "anular" } else { "confirmar" })];
                send(self.publico.nadie.request(Method::POST, &path).form(&form)).await
            }
        };
        (path, answer)
    }
}

/// Pages that letters to somebody lead to, the newest last.
fn enlaces(correo: &str) -> Vec<String> {
    const PAGES: [&str; 3] = ["/citas/respuestas/ha_", "/ofertas/ho_", "/reservas/hv_"];
    let texts: Vec<String> = cartas(correo).into_iter().map(|carta| carta.text).collect();
    let words = texts.iter().flat_map(|text| text.split_whitespace());
    let paths = words.filter_map(|word| word.split_once("/api/v1").map(|(_, path)| path));
    paths.filter(|path| PAGES.iter().any(|page| path.starts_with(page))).map(str::to_owned).collect()
}

async fn invariants(publico: &Publico, seed: u64, step: usize) {
    let now = publico.agenda.huella.now();
    let too_many = format!(
        "select count(*) from (select tm.tutor_id from citas c join autoreservas a on a.tenant_id = c.tenant_id and a.cita_id = c.id
             join tutores_mascotas tm on tm.tenant_id = c.tenant_id and tm.mascota_id = c.mascota_id
           where c.activa and c.fin > '{now}' and (c.retenida_hasta is null or c.retenida_hasta > '{now}') group by 1 having count(*) > {ABIERTAS}) t"
    );
    assert_eq!(publico.contar(&too_many).await, 0, "{seed}/{step}: a cap was passed");
    let twice = "select count(*) from citas a join citas b on b.tenant_id = a.tenant_id and (b.medico_id = a.medico_id or b.mascota_id = a.mascota_id) and b.id > a.id
                  and a.activa and b.activa and a.ocupado_desde < b.ocupado_hasta and b.ocupado_desde < a.ocupado_hasta";
    assert_eq!(publico.contar(twice).await, 0, "{seed}/{step}: booked twice");
    // What was proved is an address or a phone.
    let strangers =
        "select count(*) from autoreservas a join citas c on c.tenant_id = a.tenant_id and c.id = a.cita_id and c.mascota_id is not null
                      where not exists (select from tutores_mascotas tm join tutores t on t.tenant_id = tm.tenant_id and t.id = tm.tutor_id
                                         where tm.tenant_id = a.tenant_id and tm.mascota_id = c.mascota_id
                                           and a.correo_indice in (t.correo_indice, t.telefono_indice))";
    assert_eq!(publico.contar(strangers).await, 0, "{seed}/{step}: a pet of somebody else's was booked");
}
