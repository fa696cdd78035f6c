package studio.atelier.app.images;

import studio.atelier.app.i18n.Messages;

/** How a picture's transparency was made, in words. */
final class Alpha {
    private Alpha() {}

    static String words(String alpha, Messages messages) {
        return messages.text(
                switch (alpha) {
                    case "native" -> "images.alpha.native";
                    case "none" -> "images.alpha.none";
                    case "cut out" -> "images.alpha.cut-out";
                    default -> "images.alpha.unknown";
                });
    }
}
