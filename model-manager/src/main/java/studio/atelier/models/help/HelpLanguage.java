package studio.atelier.models.help;

/** A language that the help pages are written in. */
public enum HelpLanguage {
    ENGLISH("en"),
    CHINESE("zh");

    private final String folder;

    HelpLanguage(String folder) {
        this.folder = folder;
    }

    /** The folder under {@code help/} that holds this language's pages. */
    String folder() {
        return folder;
    }

    /** The language that a question is asked in: Chinese when it has at least as many Han characters as Latin words. */
    public static HelpLanguage of(String question) {
        int han = 0;
        int words = 0;
        boolean inWord = false;
        for (int codePoint : question.codePoints().toArray()) {
            boolean isHan = isHan(codePoint);
            boolean isLetter = !isHan && Character.isLetter(codePoint);
            han += isHan ? 1 : 0;
            words += isLetter && !inWord ? 1 : 0;
            inWord = isLetter;
        }
        return han > 0 && han >= words ? CHINESE : ENGLISH;
    }

    static boolean isHan(int codePoint) {
        return Character.UnicodeScript.of(codePoint) == Character.UnicodeScript.HAN;
    }
}
