package studio.atelier.app.library;

/**
 * The help page that an answer was given from.
 *
 * @param name under which the page is found again
 * @param title for people
 */
public record HelpPage(String name, String title) {}
