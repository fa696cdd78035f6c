package studio.atelier.app.i18n;

import java.text.MessageFormat;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;

/** The window's words in one language. A change of language makes a new one, and the views are built again. */
public final class Messages {
    private static final String BUNDLE = "studio.atelier.assets.i18n.messages";

    private final Language language;
    private final ResourceBundle texts;

    private Messages(Language language, ResourceBundle texts) {
        this.language = language;
        this.texts = texts;
    }

    public static Messages in(Language language) {
        // English has no bundle of its own name: it is the root, and no other language may stand in for it.
        Locale bundle = language == Language.ENGLISH ? Locale.ROOT : language.locale();
        ResourceBundle.Control exact =
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES);
        return new Messages(language, ResourceBundle.getBundle(BUNDLE, bundle, exact));
    }

    public Language language() {
        return language;
    }

    public Locale locale() {
        return language.locale();
    }

    /**
     * One text.
     *
     * @throws java.util.MissingResourceException when nobody wrote it
     */
    public String text(String key) {
        return texts.getString(key);
    }

    /** One text with its {@code {0}}, {@code {1}} filled in; numbers are written as the language writes them. */
    public String text(String key, Object... arguments) {
        return new MessageFormat(texts.getString(key), locale()).format(arguments);
    }

    /** Every key, for the test that compares the languages. */
    Set<String> keys() {
        return new TreeSet<>(texts.keySet());
    }
}
