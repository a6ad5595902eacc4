//! Rules that do not run are told of, everywhere where alerts are shown, until they ran again.
use super::*;

/// Of a pet: which rules did not run.
async fn de_mascota(mundo: &Mundo, mascota: &str) -> Vec<String> {
    let told = mundo.de(mascota).await;
    let all = told["reglas_que_no_corrieron"].as_array().expect("a list").iter();
    all.map(|one| format!("{} {}", one["complemento"].as_str().expect("a name"), one["resultado"].as_str().expect("a result"))).collect()
}

#[tokio::test]
async fn a_rule_that_fails_for_a_pet_says_so_and_keeps_what_it_said() {
    let mundo = Mundo::start().await;
    let (luna, sol) = (mundo.mascota("Luna", "perro").await, mundo.mascota("Sol", "gato").await);
    mundo.trabajar().await;
    mundo.guion.fallar("perro");
    mundo.vacunar(&luna, "2026-03-01").await;
    mundo.vacunar(&sol, "2026-03-01").await;
    mundo.trabajar().await;
    // It was vaccinated, and nobody knows what the rule would say by now.
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"]);
    assert_eq!(de_mascota(&mundo, &luna).await, [format!("{RABIA} tiempo")]);
    assert_eq!((mundo.abiertas(&sol).await.len(), de_mascota(&mundo, &sol).await.len()), (0, 0));
    let estado = mundo.estado().await;
    let told = &estado["reglas_que_no_corrieron"][0];
    assert_eq!((&told["nombre"], &told["mascotas"], &told["detalle"]), (&json!("Rabia"), &json!(1), &json!("pasó de 50 ms")));
    assert_eq!(told["desde"], json!(mundo.huella.now()));

    mundo.guion.poner(mundo.guion.rabia());
    mundo.huella.avanzar(SignedDuration::from_secs(30));
    mundo.trabajar().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.detenidas().await.len()), (0, 0), "it was tried again by itself");
}

#[tokio::test]
async fn a_rule_that_only_fails_is_given_up_and_told_until_it_went_through_all_pets() {
    let mundo = Mundo::start().await;
    mundo.muchas(100).await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    let asked = mundo.guion.veces();
    mundo.guion.fallar("");
    mundo.noche().await;
    assert!(mundo.guion.veces() - asked < 60, "{} times", mundo.guion.veces() - asked);
    assert_eq!(mundo.detenidas().await, [format!("{RABIA} tiempo")]);
    assert_eq!(mundo.estado().await["reglas_que_no_corrieron"][0].get("mascotas"), None, "for no pet at all");
    assert_eq!(de_mascota(&mundo, &luna).await, [format!("{RABIA} tiempo")]);
    assert!(sucesos(&mundo.huella, "alerta.reglas_detenidas").await > 0);

    // It works again; one pet proves it, and all are asked.
    mundo.guion.poner(mundo.guion.rabia());
    mundo.huella.avanzar(SignedDuration::from_mins(20));
    mundo.soto().await.post(&format!("/pacientes/{luna}/problemas"), json!({ "nombre": "Otitis" })).await.created();
    mundo.trabajar().await;
    assert!(mundo.detenidas().await.is_empty());
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_medicas where cerrada_en is null").await, 101);
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_sin_evaluar").await, 0);
}

#[tokio::test]
async fn a_rule_that_cannot_run_is_told_at_once_and_its_alerts_stand() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    mundo.guion.parar(Some("En cuarentena desde ayer."));
    // Nobody evaluated anything yet.
    assert_eq!(mundo.detenidas().await, [format!("{RABIA} parada")]);
    mundo.vacunar(&luna, "2026-03-01").await;
    mundo.trabajar().await;
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"]);
    let since = mundo.huella.now();
    mundo.huella.avanzar(SignedDuration::from_mins(5));
    assert_eq!(de_mascota(&mundo, &luna).await, [format!("{RABIA} parada")]);
    let told = mundo.estado().await["reglas_que_no_corrieron"][0].clone();
    assert_eq!((&told["desde"], &told["detalle"]), (&json!(since), &json!("En cuarentena desde ayer.")));
    mundo.noche().await;
    assert_eq!((mundo.detenidas().await.len(), mundo.abiertas(&luna).await.len()), (1, 1));

    // Able again is not enough: it has to go through all pets.
    mundo.guion.parar(None);
    assert_eq!(mundo.detenidas().await, [format!("{RABIA} parada")]);
    let sol = mundo.mascota("Sol", "perro").await;
    mundo.trabajar().await;
    assert_eq!((mundo.detenidas().await.len(), mundo.abiertas(&luna).await.len(), mundo.abiertas(&sol).await.len()), (0, 0, 1));
}

#[tokio::test]
async fn a_rule_on_trial_gives_no_alerts_and_says_so() {
    let mundo = Mundo::con(Guion::default()).await;
    mundo.guion.poner(guion::Rabia { sandbox: true, ..mundo.guion.rabia() });
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    mundo.noche().await;
    assert_eq!((mundo.guion.veces(), mundo.abiertas(&luna).await.len()), (0, 0));
    assert_eq!(mundo.detenidas().await, [format!("{RABIA} parada")]);
}

/// Nobody can tell which rules there are: that is said, and what is known is shown.
#[tokio::test]
async fn not_knowing_the_rules_does_not_look_like_health() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    mundo.guion.caer(true);
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"]);
    assert_eq!(
        (mundo.detenidas().await, de_mascota(&mundo, &luna).await),
        (vec![" no_disponible".to_owned()], vec![" no_disponible".to_owned()])
    );
    mundo.vacunar(&luna, "2026-03-01").await;
    mundo.trabajar().await;
    mundo.guion.caer(false);
    mundo.huella.avanzar(SignedDuration::from_secs(30));
    mundo.trabajar().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.detenidas().await.len()), (0, 0));
}
