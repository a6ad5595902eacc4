//! Why a call does not leave: what the manifest asks for, and what is missing in it for this one.
use plugin_manifest::{Environment, HttpRule};

/// What a plugin wants to call.
pub(super) struct Wanted<'a> {
    pub environment: Environment,
    pub method: &'a str,
    pub host: &'a str,
    pub port: u16,
    pub path: &'a str,
}

impl Wanted<'_> {
    pub fn is_granted(&self, rules: &[HttpRule]) -> bool {
        rules.iter().any(|rule| rule.allows(self.environment, self.method, self.host, self.port, self.path))
    }

    /// The first thing that no rule has. `from`: who sent it there, in this very run.
    pub fn refusal(&self, rules: &[HttpRule], from: Option<&str>) -> String {
        let Self { environment, method, host, port, path } = *self;
        let mut left: Vec<&HttpRule> = rules.iter().filter(|rule| rule.is_of(host)).collect();
        if left.is_empty() {
            let add = format!("falta en el manifiesto: [[http]] host = \"{host}\", port = {port}, methods = [\"{method}\"]");
            return from.map_or_else(|| add.clone(), |from| format!("{from} redirige ahí, y {add}"));
        }
        let ports: Vec<String> = left.iter().map(|rule| rule.port().to_string()).collect();
        left.retain(|rule| rule.port() == port);
        if left.is_empty() {
            return format!("el manifiesto pide {host} en el puerto {}, no en el {port}", ports.join(" o "));
        }
        left.retain(|rule| rule.environment.is_none_or(|only| only == environment));
        if left.is_empty() {
            let other = if environment == Environment::Sandbox { "producción" } else { "pruebas" };
            return format!("el manifiesto pide {host} solo para {other}");
        }
        left.retain(|rule| rule.has_method(method));
        if left.is_empty() {
            return format!("el manifiesto no pide {method} a {host}");
        }
        format!("el manifiesto no pide la ruta {path} de {host}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    fn rules() -> Vec<HttpRule> {
        let reason = json!({ "es": "Probar" });
        let rules = json!([
            { "host": "api.example.pe", "methods": ["GET"], "paths": ["/v1/*"], "reason": reason },
            { "host": "api.example.pe", "port": 8443, "environment": "sandbox", "reason": reason },
        ]);
        serde_json::from_value(rules).expect("rules")
    }

    #[rstest]
    #[case::granted("GET", "api.example.pe", 443, "/v1/cobros", None)]
    #[case::nobody_asked_for_it("GET", "otro.example.pe", 443, "/", Some("falta en el manifiesto: [[http]] host = \"otro.example.pe\""))]
    #[case::port(
        "GET",
        "api.example.pe",
        9000,
        "/v1/cobros",
        Some("el manifiesto pide api.example.pe en el puerto 443 o 8443, no en el 9000")
    )]
    #[case::environment("GET", "api.example.pe", 8443, "/", Some("el manifiesto pide api.example.pe solo para pruebas"))]
    #[case::method("POST", "api.example.pe", 443, "/v1/cobros", Some("el manifiesto no pide POST a api.example.pe"))]
    #[case::path("GET", "api.example.pe", 443, "/v2", Some("el manifiesto no pide la ruta /v2 de api.example.pe"))]
    fn each_refusal_says_what_is_missing(
        #[case] method: &str,
        #[case] host: &str,
        #[case] port: u16,
        #[case] path: &str,
        #[case] expected: Option<&str>,
    ) {
        let wanted = Wanted { environment: Environment::Production, method, host, port, path };
        let said = (!wanted.is_granted(&rules())).then(|| wanted.refusal(&rules(), None));
        assert!(
            said.as_deref().zip(expected).map_or(said.is_none() && expected.is_none(), |(said, start)| said.starts_with(start)),
            "{said:?}"
        );
    }
}
