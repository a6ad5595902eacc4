//! Anything in any order: nobody is shown what is another's, no cap is passed, nothing is booked twice.
use super::*;
use jiff::SignedDuration;

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
}

/// Somebody who tries: the address that they read, and what they got so far.
#[derive(Default)]
struct Quien {
    nombre: String,
    solicitudes: Vec<String>,
    sesiones: Vec<String>,
    paginas: Vec<String>,
}

const ABIERTAS: i64 = 2;

#[tokio::test]
async fn whatever_is_sent_nobody_sees_anothers_data_passes_a_cap_or_books_twice() {
    for seed in [3, 1_777] {
        let publico = Publico::start(json!({ "abiertas_max": ABIERTAS, "por_dia_max": 100, "antelacion_min": 0 })).await;
        let mut people: Vec<Quien> = ["ana", "beto", "carla", "dario"].map(|n| Quien { nombre: n.into(), ..Quien::default() }).into();
        // Two are known. Each pet's name and id are its owner's secret.
        let mut secrets: Vec<Vec<String>> = vec![Vec::new(); 4];
        for (n, mascota) in [(0, "Lunaazul"), (0, "Solazul"), (1, "Maxrojo")] {
            let pet = publico.mascota(&people[n].nombre, mascota, "perro").await;
            secrets[n].extend([mascota.to_owned(), pet]);
        }
        for (n, mascota) in [(2, "Tobyverde"), (3, "Rexgris")] {
            secrets[n].push(mascota.to_owned());
        }
        let mut azar = Azar(seed);
        for step in 0..160 {
            let n = azar.next(people.len());
            let (sent, answer) = act(&publico, &mut azar, &mut people, &secrets, n).await;
            let text = texto(&answer);
            assert!(!answer.status.is_server_error(), "{seed}/{step}: {sent} → {text}");
            for (other, theirs) in secrets.iter().enumerate().filter(|(other, _)| *other != n) {
                for secret in theirs.iter().filter(|secret| !sent.contains(*secret)) {
                    assert!(!text.contains(secret), "{seed}/{step}: {} was shown {secret} of {other}: {sent} → {text}", people[n].nombre);
                }
            }
            invariants(&publico, seed, step).await;
        }
        assert!(publico.contar("select count(*) from autoreservas").await > 2, "seed {seed} books too little to mean anything");
    }
}

async fn act(publico: &Publico, azar: &mut Azar, people: &mut [Quien], secrets: &[Vec<String>], n: usize) -> (String, Respuesta) {
    let correo = publico.correo(&people[n].nombre);
    let garbage = || json!({ "sesion": "hs_basura" });
    let newest = people[n].sesiones.last().filter(|_| azar.next(4) > 0).cloned();
    let mine = newest.or_else(|| azar.of(&people[n].sesiones).cloned()).unwrap_or_else(|| "hs_basura".into());
    match azar.next(10) {
        0 | 1 => {
            // The clock goes on: codes are counted by the hour.
            publico.agenda.huella.avanzar(SignedDuration::from_mins(1 + azar.next(14) as i64));
            let answer = publico.pedir(&correo).await;
            people[n].solicitudes.extend(answer.body["solicitud"].as_str().map(str::to_owned));
            if answer.status == 202 && azar.next(4) > 0 {
                let code = publico.codigo(&correo).await;
                let solicitud = json!(people[n].solicitudes.last());
                let opened = publico.verificar(&solicitud, &code).await;
                people[n].sesiones.extend(opened.body["sesion"].as_str().map(str::to_owned));
            }
            (correo, answer)
        }
        2 => {
            // Somebody else's request, or an own one, with a guess.
            let whose = azar.next(people.len());
            let solicitud = azar.of(&people[whose].solicitudes).cloned().unwrap_or_default();
            let answer = publico.verificar(&json!(solicitud), &format!("{:06}", azar.next(1_000_000))).await;
            (String::new(), answer)
        }
        3 => (String::new(), publico.post("/sesion", json!({ "sesion": mine })).await),
        4..=6 => {
            let at = format!("2026-03-{:02}T{:02}:{:02}:00", 2 + azar.next(4), 7 + azar.next(14), 15 * azar.next(4));
            let mut wish = publico.hora(&mine, &at);
            if azar.next(6) == 0 {
                wish["sede_id"] = json!(publico.agenda.cusco);
            }
            let held = publico.post("/retener", wish.clone()).await;
            if held.status == 201 && azar.next(3) > 0 {
                return confirmar(publico, azar, people, secrets, n, &mine).await;
            }
            (wish.to_string(), held)
        }
        7 | 8 => confirmar(publico, azar, people, secrets, n, &mine).await,
        _ => match azar.of(&people[n].paginas).cloned() {
            Some(page) if azar.next(2) == 0 => {
                (String::new(), huella_tests::cliente::send(publico.nadie.request(reqwest::Method::POST, &format!("{page}/anular"))).await)
            }
            Some(page) => (String::new(), publico.nadie.get(&page).await),
            None => (String::new(), publico.post("/sesion", garbage()).await),
        },
    }
}

/// With a pet of one's own or of somebody else's, one that nobody has, or as somebody new.
async fn confirmar(
    publico: &Publico,
    azar: &mut Azar,
    people: &mut [Quien],
    secrets: &[Vec<String>],
    n: usize,
    mine: &str,
) -> (String, Respuesta) {
    let own = secrets[n][0].clone();
    let whose = if azar.next(2) == 0 { n } else { azar.next(secrets.len()) };
    let pet = azar.of(&secrets[whose]).cloned().unwrap_or_default();
    let quien = match azar.next(4) {
        0 => Publico::nuevo(&people[n].nombre, &own),
        1 if azar.next(3) == 0 => json!({ "mascota_id": uuid::Uuid::now_v7() }),
        _ if pet.len() == 36 => json!({ "mascota_id": pet }),
        _ => Publico::nuevo(&people[n].nombre, &own),
    };
    let answer = publico.confirmar(mine, quien.clone()).await;
    people[n].paginas.extend(answer.body["ruta"].as_str().map(|_| pagina(&answer.body["ruta"])));
    (quien.to_string(), answer)
}

async fn invariants(publico: &Publico, seed: u64, step: usize) {
    let now = publico.agenda.huella.now();
    let too_many = format!(
        "select count(*) from (select tm.tutor_id from citas c join tutores_mascotas tm on tm.tenant_id = c.tenant_id and tm.mascota_id = c.mascota_id
           where c.activa and c.fin > '{now}' and (c.retenida_hasta is null or c.retenida_hasta > '{now}') group by 1 having count(*) > {ABIERTAS}) t"
    );
    assert_eq!(publico.contar(&too_many).await, 0, "{seed}/{step}: a cap was passed");
    let twice = "select count(*) from citas a join citas b on b.tenant_id = a.tenant_id and (b.medico_id = a.medico_id or b.mascota_id = a.mascota_id) and b.id > a.id
                  and a.activa and b.activa and a.ocupado_desde < b.ocupado_hasta and b.ocupado_desde < a.ocupado_hasta";
    assert_eq!(publico.contar(twice).await, 0, "{seed}/{step}: booked twice");
    let strangers = "select count(*) from autoreservas a join citas c on c.tenant_id = a.tenant_id and c.id = a.cita_id and c.mascota_id is not null
                      where not exists (select from tutores_mascotas tm join tutores t on t.tenant_id = tm.tenant_id and t.id = tm.tutor_id
                                         where tm.tenant_id = a.tenant_id and tm.mascota_id = c.mascota_id and t.correo_indice = a.correo_indice)";
    assert_eq!(publico.contar(strangers).await, 0, "{seed}/{step}: a pet of somebody else's was booked");
}
