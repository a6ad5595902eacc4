//! Every night, all pets of a chain.
use super::*;
use std::sync::Arc;
use tokio::sync::Notify;

const ROWS: &str = "select string_agg(id || ' ' || xmin || ' ' || ctid, ',' order by id) from alertas_medicas";

#[tokio::test]
async fn a_night_finds_what_time_made_true_and_the_next_one_writes_nothing() {
    let mundo = Mundo::start().await;
    let (luna, sol) = (mundo.mascota("Luna", "perro").await, mundo.mascota("Sol", "gato").await);
    mundo.vacunar(&luna, "2025-04-10").await;
    mundo.vacunar(&sol, "2026-03-01").await;
    mundo.trabajar().await;
    assert!(mundo.abiertas(&luna).await.is_empty(), "more than thirty days ahead");
    mundo.noche().await;
    assert!(mundo.abiertas(&luna).await.is_empty());
    mundo.huella.avanzar(SignedDuration::from_hours(24 * 10));
    mundo.noche().await;
    assert_eq!((mundo.abiertas(&luna).await, mundo.abiertas(&sol).await), (vec!["Rabia: toca el 2026-04-10".to_owned()], vec![]));

    mundo.muchas(1_200).await;
    mundo.noche().await;
    let pasada = mundo.estado().await["pasada"].clone();
    let told = ["total", "vistas", "nuevas", "cambiadas", "cerradas", "sin_evaluar"].map(|name| pasada[name].as_i64().expect("a number"));
    assert_eq!(told, [1_202, 1_202, 1_200, 0, 0, 0]);
    let (before, asked): (String, _) = (mundo.huella.scalar(ROWS).await, mundo.guion.veces());
    mundo.noche().await;
    assert_eq!(mundo.guion.veces(), asked + 1_202, "every pet was looked at");
    assert!(mundo.huella.scalar::<String>(ROWS).await == before, "no row of an alert was written");
    let pasada = mundo.estado().await["pasada"].clone();
    assert_eq!((pasada["nuevas"].as_i64(), pasada["motivo"].as_str()), (Some(0), Some("noche")));
    assert!(pasada["terminada_en"].is_string() && mundo.estado().await["proxima"].is_string());
}

#[tokio::test]
async fn a_night_comes_once_for_each_chain_at_its_own_minute() {
    let mundo = Mundo::start().await;
    mundo.mascota("Luna", "perro").await;
    let system = mundo.huella.parts.system();
    alertas::programar_noches(&system).await.expect("planned");
    mundo.trabajar().await;
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_pasadas").await, 0, "the first look only plans");
    assert_eq!(mundo.huella.scalar::<i64>("select count(proxima) from alertas_noches").await, 2);
    assert_eq!(alertas::programar_noches(&system).await.expect("planned"), 0, "nothing is due");
    mundo.noche().await;
    alertas::programar_noches(&system).await.expect("planned");
    mundo.trabajar().await;
    assert_eq!(
        mundo
            .huella
            .scalar::<i64>("select count(*) from alertas_pasadas p join tenants t on t.id = p.tenant_id where t.clave = 'andina'")
            .await,
        1
    );
}

/// Killed in the middle: the next one goes on behind the last portion.
#[tokio::test]
async fn a_walk_that_was_stopped_goes_on_where_it_was() {
    let mundo = Mundo::start().await;
    mundo.muchas(1_200).await;
    let (reached, tenant, system) = (Arc::new(Notify::new()), mundo.tenant().await, mundo.huella.parts.system());
    let told = reached.clone();
    mundo.guion.al_preguntar(move |asked| {
        let told = told.clone();
        Box::pin(async move {
            if asked > 700 {
                told.notify_one();
                std::future::pending::<()>().await;
            }
        })
    });
    let body = json!({ "motivo": "reglas", "pedida_en": mundo.huella.now() });
    let walk = tokio::spawn({
        let (system, guion, body) = (system.clone(), mundo.guion.clone(), body.clone());
        async move { alertas::recorrer_reglas(&system, &guion, tenant, &body).await }
    });
    reached.notified().await;
    walk.abort();
    let _ = walk.await;
    mundo.guion.sin_gancho();
    assert_eq!(mundo.huella.scalar::<i32>("select vistas from alertas_pasadas").await, 500);
    let asked = mundo.guion.veces();
    // Whoever comes too early takes it for alive, and comes again: nothing failed.
    mundo.huella.execute("delete from trabajos").await;
    alertas::recorrer_reglas(&system, &mundo.guion, tenant, &body).await.expect("no failure");
    assert_eq!(mundo.guion.veces(), asked);
    let again = "select count(*) from trabajos where tipo = 'regla.recorrer' and estado = 'pendiente' and cuerpo->>'motivo' = 'reglas'";
    assert_eq!(mundo.huella.scalar::<i64>(again).await, 1);
    mundo.huella.avanzar(SignedDuration::from_mins(3));
    alertas::recorrer_reglas(&system, &mundo.guion, tenant, &body).await.expect("walked");
    assert_eq!(mundo.guion.veces(), asked + 700);
    assert_eq!(mundo.huella.scalar::<i32>("select vistas from alertas_pasadas where terminada_en is not null").await, 1_200);
    assert_eq!(mundo.huella.scalar::<i64>("select count(distinct mascota_id) from alertas_medicas where cerrada_en is null").await, 1_200);
}

#[tokio::test]
async fn two_workers_do_not_walk_the_same_way() {
    let mundo = Mundo::start().await;
    mundo.muchas(600).await;
    let (tenant, system) = (mundo.tenant().await, mundo.huella.parts.system());
    let body = json!({ "motivo": "reglas", "pedida_en": mundo.huella.now() });
    let walk = || alertas::recorrer_reglas(&system, &mundo.guion, tenant, &body);
    let (one, other) = tokio::join!(walk(), walk());
    one.and(other).expect("no failure");
    assert_eq!(mundo.guion.veces(), 600);
}

#[tokio::test]
async fn a_rule_that_is_gone_takes_its_alerts_along() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    assert_eq!(mundo.abiertas(&luna).await.len(), 1);
    mundo.guion.quitar(RABIA);
    mundo.recorrer().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.cierres(&luna).await), (0, vec!["regla_retirada".to_owned()]));
    assert!(mundo.detenidas().await.is_empty(), "nobody misses what was switched off");
    mundo.huella.avanzar(SignedDuration::from_mins(1));
    mundo.guion.poner(mundo.guion.rabia());
    mundo.recorrer().await;
    assert_eq!(mundo.abiertas(&luna).await.len(), 1);
}

#[tokio::test]
async fn a_rule_of_some_sedes_is_for_pets_that_are_known_there() {
    let mundo = Mundo::con(Guion::default()).await;
    let (luna, cusco) = (mundo.mascota("Luna", "perro").await, mundo.huella.id_of("andina", "sedes", "codigo", "CUS").await);
    let nobodys = mundo.mascota("Nadie", "perro").await;
    mundo.huella.execute(&format!("update mascotas set sedes = '{{}}' where id = '{nobodys}'")).await;
    mundo.guion.poner(guion::Rabia { sedes: Some(vec![cusco.parse().expect("an id")]), ..mundo.guion.rabia() });
    mundo.recorrer().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.abiertas(&nobodys).await.len()), (0, 1));
    mundo.huella.execute(&format!("update mascotas set sedes = array['{cusco}']::uuid[] where id = '{luna}'")).await;
    mundo.huella.avanzar(SignedDuration::from_mins(1));
    mundo.recorrer().await;
    assert_eq!(mundo.abiertas(&luna).await.len(), 1);
}

/// The registry of plugins says that something changed: all pets are looked at if it is about rules.
#[tokio::test]
async fn a_change_of_rules_is_a_walk_and_one_of_other_plugins_is_none() {
    let mundo = Mundo::start().await;
    mundo.muchas(10).await;
    let change = async || {
        mundo.huella.avanzar(SignedDuration::from_secs(1));
        mundo
            .huella
            .execute(&format!(
                "insert into outbox (tenant_id, tema, cuerpo, creado_en, proximo_en)
                 select id, 'complemento.cambiado', '{{}}', '{now}', '{now}' from tenants where clave = 'andina'",
                now = mundo.huella.now()
            ))
            .await;
        mundo.trabajar().await;
        (mundo.huella.scalar::<i64>("select count(*) from alertas_pasadas").await, mundo.guion.veces())
    };
    assert_eq!(change().await, (1, 10));
    assert_eq!(change().await, (1, 10), "the rules are the same");
    mundo.guion.poner(guion::Rabia { revision: 2, ..mundo.guion.rabia() });
    assert_eq!(change().await, (2, 20));
    mundo.guion.parar(Some("En cuarentena"));
    assert_eq!(change().await, (3, 20));
    assert_eq!(mundo.detenidas().await, [format!("{RABIA} parada")]);
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_medicas where cerrada_en is null").await, 10);
}

/// How many pets a second, of a build without optimisation: printed, not asserted.
#[tokio::test]
#[ignore = "a measurement"]
async fn how_fast_a_night_is() {
    let mundo = Mundo::start().await;
    mundo.muchas(20_000).await;
    mundo
        .huella
        .execute(
            "insert into hechos_clinicos (tenant_id, id, mascota_id, detalle, titulo, fecha, en, anterior, autor_id, registrado_en)
             select m.tenant_id, gen_random_uuid(), m.id, '{\"tipo\": \"vacuna\", \"antigenos\": [\"rabia\"]}', 'Antirrábica',
                    date '2021-01-01' + n * 200, timestamptz '2021-01-01 17:00Z' + n * 200 * interval '1 day', true, m.id, now()
               from mascotas m, generate_series(1, 8) n; analyze",
        )
        .await;
    for night in ["first", "second"] {
        let (before, cpu) = (std::time::Instant::now(), cpu());
        mundo.recorrer().await;
        let (took, used) = (before.elapsed().as_secs_f64(), self::cpu() - cpu);
        println!("{night} night: {:.0} pets/s, {:.2} ms of this process's CPU a pet", 20_000.0 / took, used * 1_000.0 / 20_000.0);
        mundo.huella.avanzar(SignedDuration::from_mins(1));
    }
}

/// Seconds of CPU of this process.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("fields").split_whitespace().collect();
    let ticks: f64 = [fields[11], fields[12]].iter().map(|field| field.parse::<f64>().expect("ticks")).sum();
    ticks / 100.0
}
