package studio.atelier.app.theme;

/** Which colours the person wants. */
public enum Appearance {
    /** As the system has them, also when it changes while the window is open. */
    SYSTEM,
    LIGHT,
    DARK
}
