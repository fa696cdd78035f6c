package studio.atelier.app.i18n;

import java.util.Locale;

/** A language that the window speaks. */
public enum Language {
    ENGLISH("English", Locale.ENGLISH),
    SIMPLIFIED_CHINESE("简体中文", Locale.SIMPLIFIED_CHINESE);

    private final String ownName;
    private final Locale locale;

    Language(String ownName, Locale locale) {
        this.ownName = ownName;
        this.locale = locale;
    }

    /** The language's name in itself, so that it is found by who reads nothing else. */
    public String ownName() {
        return ownName;
    }

    /** How its numbers, dates and texts are looked up. */
    public Locale locale() {
        return locale;
    }

    /** The closest language to the one that a system speaks. */
    public static Language closestTo(Locale system) {
        return system.getLanguage().equals("zh") ? SIMPLIFIED_CHINESE : ENGLISH;
    }
}
