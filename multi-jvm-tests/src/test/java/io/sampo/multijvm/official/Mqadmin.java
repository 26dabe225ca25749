package io.sampo.multijvm.official;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;

/**
 * mqadmin of an official version: what an operator types, and what the tool prints. It runs in this
 * JVM, in a class loader of its own, because a JVM of its own for each command takes seconds.
 *
 * <p>One command at a time in this JVM: the tool prints to System.out and sets system properties,
 * which are put back.
 */
public final class Mqadmin {
  private static final String MAIN = "org.apache.rocketmq.tools.command.MQAdminStartup";
  private static final Map<ClientVersion, Mqadmin> LOADED = new ConcurrentHashMap<>();

  private final ClientVersion version;
  private final URLClassLoader loader;
  private final Path home;

  private Mqadmin(ClientVersion version) {
    this.version = version;
    this.loader = version.toolsLoader();
    try {
      this.home = Files.createTempDirectory("mqadmin");
      Path config = Files.createDirectories(home.resolve("conf")).resolve("logback_tools.xml");
      Files.writeString(config, "<configuration/>"); // 4.9 doesn't start without one
      config.toFile().deleteOnExit();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The tool of a version; the same one each time. */
  public static Mqadmin of(ClientVersion version) {
    return LOADED.computeIfAbsent(version, Mqadmin::new);
  }

  /**
   * Runs a command, such as {@code topicStatus -n host:port -t topic}, and gives what it prints.
   */
  public String run(String... arguments) {
    synchronized (Mqadmin.class) {
      Properties properties = (Properties) System.getProperties().clone();
      PrintStream out = System.out;
      PrintStream err = System.err;
      Thread thread = Thread.currentThread();
      ClassLoader context = thread.getContextClassLoader();
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      try (PrintStream print = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
        System.setProperty("rocketmq.home.dir", home.toString());
        System.setOut(print);
        System.setErr(print);
        thread.setContextClassLoader(loader);
        main().invoke(null, (Object) arguments);
      } catch (InvocationTargetException e) {
        throw new IllegalStateException("mqadmin " + String.join(" ", arguments), e.getCause());
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      } finally {
        thread.setContextClassLoader(context);
        System.setErr(err);
        System.setOut(out);
        System.setProperties(properties);
      }
      return printed.toString(StandardCharsets.UTF_8);
    }
  }

  /** Has a consumer consume a stored message once more, and gives what is printed. */
  public String giveMessage(
      String nameServer, String topic, String offsetMsgId, String group, String clientId) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "queryMsgById", "-n", nameServer, "-i", offsetMsgId, "-g", group, "-d", clientId));
    if (version == ClientVersion.V5) { // older ones end the process when they see that option
      arguments.addAll(List.of("-t", topic));
    }
    return run(arguments.toArray(String[]::new));
  }

  private Method main() throws ReflectiveOperationException {
    return loader.loadClass(MAIN).getMethod("main", String[].class);
  }
}
