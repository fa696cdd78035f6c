package studio.atelier.app.page;

/** The colours of the page. */
public enum PageTheme {
    LIGHT,
    DARK
}
