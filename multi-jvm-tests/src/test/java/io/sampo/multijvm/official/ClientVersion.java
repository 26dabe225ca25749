package io.sampo.multijvm.official;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The official clients that the tests run with. Each is loaded once per test JVM, on first use,
 * from the directory that the build copied it to; a test takes this enum as its parameter.
 */
public enum ClientVersion {
  V4("4"),
  V5("5");

  private static final String SHARED_PACKAGE = OfficialClient.class.getPackageName();
  private static final String DRIVER_PACKAGE = SHARED_PACKAGE + ".driver";
  private static final Map<ClientVersion, OfficialClient> LOADED = new ConcurrentHashMap<>();
  private static final String DRIVER = DRIVER_PACKAGE + ".RocketClient";

  private final String generation;

  ClientVersion(String generation) {
    this.generation = generation;
  }

  /** The client; the same one each time. */
  public OfficialClient client() {
    return LOADED.computeIfAbsent(this, ClientVersion::load);
  }

  /** The version that the build asked for. */
  public String wantedVersion() {
    return setting("version");
  }

  /** A loader of the version's mqadmin, which sees the JDK and the tool's own jars. */
  URLClassLoader toolsLoader() {
    try {
      return new URLClassLoader(
          jarsIn(setting("official-tools", "jars")).toArray(URL[]::new),
          ClassLoader.getPlatformClassLoader());
    } catch (MalformedURLException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String setting(String name) {
    return setting("official-client", name);
  }

  private String setting(String what, String name) {
    String key = what + "." + generation + "." + name;
    String value = System.getProperty(key);
    if (value == null) {
      throw new IllegalStateException(key + " is not set: run these tests through Maven");
    }
    return value;
  }

  private OfficialClient load() {
    try {
      URLClassLoader loader = new ClientClassLoader(urls());
      return loader
          .loadClass(DRIVER)
          .asSubclass(OfficialClient.class)
          .getDeclaredConstructor()
          .newInstance();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("client " + this + " can't be loaded", e);
    }
  }

  private URL[] urls() throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    urls.add(OfficialClient.class.getProtectionDomain().getCodeSource().getLocation());
    urls.addAll(jarsIn(setting("jars")));
    return urls.toArray(URL[]::new);
  }

  private static List<URL> jarsIn(String directory) throws MalformedURLException {
    File[] jars = Path.of(directory).toFile().listFiles((parent, name) -> name.endsWith(".jar"));
    if (jars == null || jars.length == 0) {
      throw new IllegalStateException(
          "no jars in " + directory + ": mvn -pl multi-jvm-tests -am process-test-classes");
    }
    List<URL> urls = new ArrayList<>();
    for (File jar : jars) {
      urls.add(jar.toURI().toURL());
    }
    return urls;
  }

  @Override
  public String toString() {
    return "client " + wantedVersion();
  }

  /**
   * Sees the JDK, the client's own jars, the driver, and of the tests nothing but the shared
   * package.
   */
  private static final class ClientClassLoader extends URLClassLoader {
    ClientClassLoader(URL[] urls) {
      super(urls, ClassLoader.getPlatformClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith(SHARED_PACKAGE) && !name.startsWith(DRIVER_PACKAGE)) {
        return OfficialClient.class.getClassLoader().loadClass(name);
      }
      return super.loadClass(name, resolve);
    }
  }
}
