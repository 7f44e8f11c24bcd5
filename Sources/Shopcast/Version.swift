/// The version that `--version`, the log and `/health/ready` tell.
package let shopcastVersion = "0.1.0"
