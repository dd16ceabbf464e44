/** What readers may see of the index and the view while the writer goes on. */
package dev.walnut.internal.segment;
