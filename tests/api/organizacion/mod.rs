//! The chain, its staff and their roles, as administrators handle them.
mod archivos;
mod auditoria;
mod cadenas;
mod estructura;
mod personal;
mod roles;

use huella_tests::{Cliente, Huella, andina::ADMIN, id};
use serde_json::{Value, json};

/// What these tests need to know of the chain.
struct Cadena {
    huella: Huella,
    admin: Cliente,
    lima: String,
    cusco: String,
}

impl Cadena {
    async fn start() -> Self {
        let huella = Huella::start().await;
        let admin = huella.como(ADMIN).await;
        let lima = huella.id_of("andina", "sedes", "codigo", "LIM").await;
        let cusco = huella.id_of("andina", "sedes", "codigo", "CUS").await;
        Self { huella, admin, lima, cusco }
    }
    async fn persona(&self, apellidos: &str) -> String {
        self.huella.id_of("andina", "usuarios", "apellidos", apellidos).await
    }
    async fn rol(&self, clave: &str) -> String {
        self.huella.id_of("andina", "roles", "clave", clave).await
    }
    /// A role of the chain with these permissions, given to somebody.
    async fn dar(&self, usuario: &str, clave: &str, permisos: &[&str], sede: Option<&str>) -> String {
        let rol = id(&self.admin.post("/roles", json!({ "clave": clave, "nombre": clave, "permisos": permisos })).await.created());
        self.asignar(usuario, &rol, sede).await
    }
    async fn asignar(&self, usuario: &str, rol: &str, sede: Option<&str>) -> String {
        let body = json!({ "rol_id": rol, "sede_id": sede });
        id(&self.admin.post(&format!("/usuarios/{usuario}/asignaciones"), body).await.created())
    }
}

fn correos(page: &Value) -> Vec<&str> {
    page["items"].as_array().expect("a list").iter().filter_map(|item| item["correo"].as_str()).collect()
}

fn nueva_persona(correo: &str, rol: &str, sede: Option<&str>) -> Value {
    json!({ "nombres": "Iris", "apellidos": "Nueva Paz", "correo": correo, "telefono": "987 654 321",
            "documento": { "tipo": "dni", "numero": "01234567" }, "asignaciones": [{ "rol_id": rol, "sede_id": sede }] })
}
