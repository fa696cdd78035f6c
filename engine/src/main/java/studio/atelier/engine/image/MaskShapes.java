package studio.atelier.engine.image;

import java.awt.BasicStroke;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The outlines of what the starter model draws, each in a square of side 1 with y downwards, and each in one piece. */
final class MaskShapes {
    private static final double STROKE = 0.075;
    private static final Pattern COMMAND = Pattern.compile("([MLQZ])([^MLQZ]*)");

    private MaskShapes() {}

    /** A shape, or its border only. */
    static Shape of(String name, boolean border) {
        Area whole = area(name);
        if (!border) {
            return whole;
        }
        Area drawn = new Area(new BasicStroke((float) (2 * STROKE), BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
                .createStrokedShape(whole));
        drawn.intersect(whole);
        return drawn;
    }

    private static Area area(String name) {
        return switch (name) {
            case "circle" -> circle(.5, .5, .44);
            case "square" -> box(.1, .1, .8, .8);
            case "triangle" -> polygon(.5, .07, .95, .88, .05, .88);
            case "star" -> star(5, .5, .535, .485, .21);
            case "heart" ->
                path("M.5 .92Q.06 .6 .06 .33Q.06 .1 .28 .1Q.43 .1 .5 .25Q.57 .1 .72 .1Q.94 .1 .94 .33Q.94 .6 .5 .92Z");
            case "diamond" -> polygon(.5, .04, .86, .5, .5, .96, .14, .5);
            case "ring" -> without(circle(.5, .5, .44), circle(.5, .5, .24));
            case "cross" -> with(box(.36, .08, .28, .84), box(.08, .36, .84, .28));
            case "hexagon" -> regular(6, 0);
            case "pentagon" -> regular(5, -90);
            case "octagon" -> regular(8, 22.5);
            case "moon" -> without(circle(.46, .5, .42), circle(.66, .42, .34));
            case "oval" -> new Area(new Ellipse2D.Double(.05, .22, .9, .56));
            case "arrow" -> polygon(.06, .36, .52, .36, .52, .12, .95, .5, .52, .88, .52, .64, .06, .64);
            case "drop" -> path("M.5 .05Q.84 .46 .82 .65Q.8 .94 .5 .94Q.2 .94 .18 .65Q.16 .46 .5 .05Z");
            case "flower" -> flower();
            case "sun" -> sun();
            case "cloud" ->
                with(
                        with(circle(.28, .6, .2), circle(.5, .44, .25)),
                        with(circle(.73, .58, .21), box(.28, .58, .45, .22)));
            case "bolt" -> polygon(.6, .05, .2, .55, .46, .55, .36, .95, .8, .4, .53, .4, .68, .05);
            case "house" ->
                without(with(polygon(.5, .06, .96, .48, .04, .48), box(.16, .46, .68, .46)), box(.42, .62, .18, .31));
            case "tree" ->
                with(
                        with(polygon(.5, .04, .78, .4, .22, .4), polygon(.5, .2, .88, .74, .12, .74)),
                        box(.42, .72, .16, .22));
            case "fish" ->
                without(
                        with(new Area(new Ellipse2D.Double(.05, .26, .68, .48)), polygon(.6, .5, .95, .24, .95, .76)),
                        circle(.22, .44, .045));
            case "leaf" ->
                with(path("M.14 .86Q.06 .2 .9 .08Q.94 .86 .24 .8Z"), polygon(.05, .93, .11, .97, .34, .68, .28, .64));
            case "flag" ->
                with(
                        box(.14, .06, .08, .88),
                        path("M.2 .08Q.4 0 .56 .1Q.72 .2 .92 .1L.92 .52Q.72 .62 .56 .52Q.4 .42 .2 .5Z"));
            default -> throw new IllegalArgumentException("there is no shape \"" + name + "\"");
        };
    }

    /** A letter's outline, given as the commands M, L, Q and Z of an SVG path. */
    static Shape letter(String commands) {
        return path(commands);
    }

    private static Area path(String commands) {
        Path2D.Double path = new Path2D.Double(Path2D.WIND_NON_ZERO);
        Matcher command = COMMAND.matcher(commands);
        while (command.find()) {
            double[] at = numbers(command.group(2));
            switch (command.group(1)) {
                case "M" -> path.moveTo(at[0], at[1]);
                case "L" -> path.lineTo(at[0], at[1]);
                case "Q" -> path.quadTo(at[0], at[1], at[2], at[3]);
                default -> path.closePath();
            }
        }
        return new Area(path);
    }

    private static double[] numbers(String text) {
        String plain = text.strip();
        if (plain.isEmpty()) {
            return new double[0];
        }
        String[] parts = plain.split("\\s+");
        double[] numbers = new double[parts.length];
        for (int i = 0; i < parts.length; i++) {
            numbers[i] = Double.parseDouble(parts[i]);
        }
        return numbers;
    }

    private static Area circle(double x, double y, double radius) {
        return new Area(new Ellipse2D.Double(x - radius, y - radius, 2 * radius, 2 * radius));
    }

    private static Area box(double x, double y, double width, double height) {
        return new Area(new Rectangle2D.Double(x, y, width, height));
    }

    private static Area polygon(double... at) {
        Path2D.Double path = new Path2D.Double();
        path.moveTo(at[0], at[1]);
        for (int i = 2; i < at.length; i += 2) {
            path.lineTo(at[i], at[i + 1]);
        }
        path.closePath();
        return new Area(path);
    }

    private static Area regular(int corners, double firstDegrees) {
        double[] at = new double[2 * corners];
        for (int i = 0; i < corners; i++) {
            double angle = Math.toRadians(firstDegrees + 360.0 * i / corners);
            at[2 * i] = .5 + .46 * Math.cos(angle);
            at[2 * i + 1] = .5 + .46 * Math.sin(angle);
        }
        return polygon(at);
    }

    private static Area star(int points, double x, double y, double outer, double inner) {
        double[] at = new double[4 * points];
        for (int i = 0; i < 2 * points; i++) {
            double radius = i % 2 == 0 ? outer : inner;
            double angle = Math.PI * i / points - Math.PI / 2;
            at[2 * i] = x + radius * Math.cos(angle);
            at[2 * i + 1] = y + radius * Math.sin(angle);
        }
        return polygon(at);
    }

    private static Area flower() {
        Area flower = new Area();
        for (int i = 0; i < 6; i++) {
            double angle = Math.PI * i / 3 - Math.PI / 2;
            flower.add(circle(.5 + .28 * Math.cos(angle), .5 + .28 * Math.sin(angle), .17));
        }
        flower.add(circle(.5, .5, .25));
        flower.subtract(circle(.5, .5, .1));
        return flower;
    }

    private static Area sun() {
        Area sun = circle(.5, .5, .26);
        Area ray = polygon(.43, .28, .57, .28, .5, .03);
        for (int i = 0; i < 8; i++) {
            sun.add(ray.createTransformedArea(AffineTransform.getRotateInstance(Math.PI * i / 4, .5, .5)));
        }
        return sun;
    }

    private static Area with(Area a, Area b) {
        a.add(b);
        return a;
    }

    private static Area without(Area a, Area b) {
        a.subtract(b);
        return a;
    }
}
