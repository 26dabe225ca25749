package io.sampo.wire;

/** The languages that a sender may name; the wire knows them by name (JSON) or by ordinal. */
public final class Languages {
  static final int JAVA = 0;

  private static final String[] NAMES = {
    "JAVA", "CPP", "DOTNET", "PYTHON", "DELPHI", "ERLANG", "RUBY", "OTHER", "HTTP", "GO", "PHP",
    "OMS", "RUST", "NODE_JS"
  };

  private Languages() {}

  /** The ordinal of a name, {@link #JAVA} when it isn't a known one. */
  static int ordinalOf(byte[] text, int at, int size) {
    for (int ordinal = 0; ordinal < NAMES.length; ordinal++) {
      if (isName(NAMES[ordinal], text, at, size)) {
        return ordinal;
      }
    }
    return JAVA;
  }

  /** The name of an ordinal, JAVA's when it isn't a known one. */
  public static String nameOf(int ordinal) {
    return NAMES[known(ordinal)];
  }

  /** The ordinal itself, {@link #JAVA} when it isn't a known one. */
  static int known(int ordinal) {
    return ordinal >= 0 && ordinal < NAMES.length ? ordinal : JAVA;
  }

  private static boolean isName(String name, byte[] text, int at, int size) {
    if (name.length() != size) {
      return false;
    }
    for (int i = 0; i < size; i++) {
      if (name.charAt(i) != text[at + i]) {
        return false;
      }
    }
    return true;
  }
}
