package studio.atelier.models.catalog;

/**
 * A number, and how much it is worth.
 *
 * @param value in the unit that its name says
 */
public record Figure(double value, Worth worth) {
    /** Where a number comes from. */
    public enum Worth {
        /** On this machine. */
        MEASURED,
        /** From exact sizes. */
        CALCULATED,
        /** From what machines and models of this kind usually do. */
        ESTIMATED
    }

    public static Figure measured(double value) {
        return new Figure(value, Worth.MEASURED);
    }

    public static Figure calculated(double value) {
        return new Figure(value, Worth.CALCULATED);
    }

    public static Figure estimated(double value) {
        return new Figure(value, Worth.ESTIMATED);
    }
}
