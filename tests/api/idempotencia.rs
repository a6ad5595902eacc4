//! Repeated requests: what is kept for them, and who gets it.
use huella_tests::{Huella, andina};
use serde_json::json;

#[tokio::test]
async fn what_is_kept_of_an_answer_says_nothing() {
    let huella = Huella::start().await;
    let recepcion = huella.como(andina::RECEPCION_LIMA).await;
    let body = json!({
        "tutor": {
            "nombres": "Reservada", "apellidos": "Discreta", "documento": { "tipo": "dni", "numero": "40302010" },
            "telefono": "955443322", "correo": "reservada@ejemplo.pe", "direccion": "Calle Secreta 77"
        },
        "mascota": { "nombre": "Sombra", "especie": "perro", "sexo": "hembra" }
    });
    let first = recepcion.post_once("/pacientes/registro", "registro-de-40302010", &body).await.created();
    let rows: Vec<String> =
        sqlx::query_scalar("select i::text || encode(i.clave, 'escape') || encode(i.huella, 'escape') from idempotencia i")
            .fetch_all(&huella.sql)
            .await
            .expect("rows");
    assert_eq!(rows.len(), 1);
    for secret in ["40302010", "955443322", "443322", "reservada@", "Secreta", "Discreta", "Sombra", "tutor"] {
        assert!(!rows[0].contains(secret), "{secret} stands in {}", rows[0]);
    }
    // The row is of use to nobody but who sent the request, in its own place.
    assert_eq!(recepcion.post_once("/pacientes/registro", "registro-de-40302010", &body).await.created(), first);
    huella.execute("update idempotencia set ruta = 'POST /api/v1/tutores'").await;
    let moved = recepcion.post_once("/tutores", "registro-de-40302010", &body["tutor"]).await;
    assert_eq!(moved.status, 422, "another request: {}", moved.body);
}

#[tokio::test]
async fn an_answer_moved_to_another_row_does_not_open() {
    let huella = Huella::start().await;
    let admin = huella.como(andina::ADMIN).await;
    let rol = |clave: &str| json!({ "clave": clave, "nombre": clave, "permisos": [] });
    admin.post_once("/roles", "uno", &rol("rol_uno")).await.created();
    admin.post_once("/roles", "dos", &rol("rol_dos")).await.created();
    huella.execute("update idempotencia i set cuerpo = otra.cuerpo from idempotencia otra where otra.clave <> i.clave").await;
    admin.post_once("/roles", "uno", &rol("rol_uno")).await.problem(500, "interno");
}

/// The first answer shows what its caller could see then. It is not a way around a right that was taken away since.
#[tokio::test]
async fn who_sees_less_than_before_gets_no_old_answer() {
    let huella = Huella::start().await;
    let rojas = huella.como(andina::DRA_ROJAS).await;
    let (lima, cusco) = (huella.id_of("andina", "sedes", "codigo", "LIM").await, huella.id_of("andina", "sedes", "codigo", "CUS").await);
    let servicio = huella.id_of("andina", "servicios", "codigo", "CONS").await;
    let pet = json!({ "tutor": { "nombres": "Rosa", "apellidos": "Tutora" }, "mascota": { "nombre": "Luna", "especie": "perro", "sexo": "hembra" } });
    let registered = huella.como(andina::ADMIN).await.post("/pacientes/registro", pet).await.created();
    let cita = json!({ "sede_id": lima, "mascota_id": registered["mascota"]["id"], "servicio_id": servicio, "inicio": "2026-03-02T11:00:00-05:00" });
    rojas.post_once("/citas/reservar", "una", &cita).await.created();
    rojas.post_once("/citas/reservar", "una", &cita).await.created();
    // What names no sede in the request, too:
    let otra = json!({ "tutor": { "nombres": "Iris", "apellidos": "Tutora" }, "mascota": { "nombre": "Nube", "especie": "gato", "sexo": "macho" } });
    rojas.post_once("/pacientes/registro", "una", &otra).await.created();
    // Given that she works in Cusco only from now on,
    let rojas_id = huella.id_of("andina", "usuarios", "apellidos", "Rojas Vera").await;
    let asignacion: String =
        huella.scalar(&format!("select id::text from asignaciones where usuario_id = '{rojas_id}' and sede_id = '{lima}'")).await;
    huella.como(andina::ADMIN).await.delete(&format!("/asignaciones/{asignacion}")).await.expect(204);
    // when she repeats the request, she still may book, but not see Lima.
    let again = rojas.post_once("/citas/reservar", "una", &cita).await.problem(403, "sin-permiso");
    assert!(!again.to_string().contains("Luna"));
    rojas.post_once("/pacientes/registro", "una", &otra).await.problem(403, "sin-permiso");
    rojas.post_once("/pacientes/registro", "otra", &otra).await.created();
    let elsewhere: i64 =
        huella.scalar(&format!("select count(*) from asignaciones where usuario_id = '{rojas_id}' and sede_id = '{cusco}'")).await;
    assert_eq!(elsewhere, 1, "she still works in Cusco");
}
