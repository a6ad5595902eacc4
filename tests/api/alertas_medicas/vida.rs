//! What happens to alerts when something happens to a pet, its owner or its chain.
use super::*;

#[tokio::test]
async fn nothing_is_said_of_a_pet_that_died_until_that_was_a_mistake() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    let soto = mundo.soto().await;
    soto.post(&format!("/pacientes/{luna}/fallecimiento"), json!({ "fecha": "2026-03-02", "causa": "Vejez" })).await.created();
    mundo.trabajar().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.cierres(&luna).await), (0, vec!["fallecida".to_owned()]));
    mundo.noche().await;
    assert!(mundo.abiertas(&luna).await.is_empty());
    mundo.soto().await.delete(&format!("/pacientes/{luna}/fallecimiento?motivo=Era%20otra")).await;
    mundo.trabajar().await;
    assert_eq!(mundo.abiertas(&luna).await, ["Rabia: sin vacuna"]);
}

/// No event told of it: the night closes it.
#[tokio::test]
async fn a_night_closes_what_is_said_of_pets_that_are_no_more() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    mundo.huella.execute(&format!("update mascotas set fallecida_en = '2026-03-02' where id = '{luna}'")).await;
    mundo.noche().await;
    assert_eq!(mundo.cierres(&luna).await, ["fallecida"]);
}

#[tokio::test]
async fn records_that_are_merged_are_judged_as_one_and_again_as_two() {
    let mundo = Mundo::start().await;
    let (luna, other) = (mundo.mascota("Luna", "perro").await, mundo.mascota("Luna", "perro").await);
    mundo.vacunar(&other, "2026-02-01").await;
    mundo.trabajar().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.abiertas(&other).await.len()), (1, 0));
    let admin = mundo.admin().await;
    let fusion = admin.post(&format!("/pacientes/{luna}/fusiones"), json!({ "con": other })).await.created();
    mundo.trabajar().await;
    assert!(mundo.abiertas(&luna).await.is_empty(), "the other record's vaccination counts");
    admin.delete(&format!("/fusiones/{}", id(&fusion))).await;
    mundo.trabajar().await;
    assert_eq!((mundo.abiertas(&luna).await.len(), mundo.abiertas(&other).await.len()), (1, 0));
    // The one with the alert goes: so does its alert.
    let fusion = admin.post(&format!("/pacientes/{other}/fusiones"), json!({ "con": luna })).await.created();
    mundo.trabajar().await;
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_medicas where cerrada_en is null").await, 0);
    assert_eq!(mundo.cierres(&other).await[0], "fusionada");
    admin.delete(&format!("/fusiones/{}", id(&fusion))).await;
    mundo.trabajar().await;
    assert_eq!(mundo.abiertas(&luna).await.len(), 1);
}

#[tokio::test]
async fn a_persons_file_tells_of_alerts() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    let tutor: String = mundo.huella.scalar(&format!("select tutor_id::text from tutores_mascotas where mascota_id = '{luna}'")).await;
    let file = mundo.admin().await.get(&format!("/tutores/{tutor}/expediente")).await.ok();
    let told = &file["mascotas"][0]["alertas"][0];
    assert_eq!((told["titulo"].as_str(), told["complemento"].as_str()), (Some("Rabia: sin vacuna"), Some(RABIA)));
}

#[tokio::test]
async fn what_is_over_is_forgotten_in_its_time() {
    let mundo = Mundo::start().await;
    let luna = mundo.mascota("Luna", "perro").await;
    mundo.trabajar().await;
    mundo.vacunar(&luna, "2026-03-01").await;
    mundo.trabajar().await;
    mundo.recorrer().await;
    let count = async |table: &str| mundo.huella.scalar::<i64>(&format!("select count(*) from {table}")).await;
    mundo.huella.avanzar(SignedDuration::from_hours(91 * 24));
    trabajos::clean(&mundo.huella.parts.system()).await.expect("clean");
    assert_eq!((count("alertas_pasadas").await, count("alertas_medicas").await), (0, 1));
    mundo.huella.avanzar(SignedDuration::from_hours(3 * 365 * 24));
    trabajos::clean(&mundo.huella.parts.system()).await.expect("clean");
    assert_eq!(count("alertas_medicas").await, 0);
}

/// The way back of an import deletes pets as the owner of the tables, and what was said of them stands in nobody's way.
#[tokio::test]
async fn alerts_go_with_a_pet_that_an_import_takes_back() {
    let mundo = Mundo::start().await;
    mundo.muchas(3).await;
    mundo.guion.fallar("gato");
    mundo.recorrer().await;
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_medicas").await, 3);
    mundo
        .huella
        .execute(
            "create policy prueba on mascotas for delete to huella_owner using (tenant_id = tenant_actual());
             do $$ begin
               perform set_config('app.tenant', (select id::text from huella.tenants where clave = 'andina'), true);
               set local role huella_owner;
               delete from huella.mascotas where nombre like 'Muchas %';
             end $$",
        )
        .await;
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from mascotas where nombre like 'Muchas %'").await, 0);
    assert_eq!(mundo.huella.scalar::<i64>("select count(*) from alertas_medicas").await, 0);
}
